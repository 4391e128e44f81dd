// node-redis against the port given; prints one JSON line per step, which the test compares.
import { createClient } from "redis";

const say = (name, value) => console.log(JSON.stringify([name, value]));
const port = Number(process.argv[2]);

for (const RESP of [2, 3]) {
  const client = createClient({ socket: { port, reconnectStrategy: false }, RESP, database: 1, name: "node" });
  client.on("error", (error) => say("error event", error.message));
  client.once("ready", () => say("ready", true));
  await client.connect();
  await client.flushDb();
  say("set", await client.set("key", "value", { expiration: { type: "EX", value: 100 } }));
  say("get", await client.get("key"));
  say("missing", await client.get("nokey"));
  say("hash", (await client.hSet("h", { a: 1, b: "two" })) && { ...(await client.hGetAll("h")) });
  say("zset", (await client.zAdd("z", [{ score: 1, value: "one" }, { score: 2.5, value: "two" }])) &&
    (await client.zRangeWithScores("z", 0, -1)));
  say("set of three", (await client.sAdd("s", ["1", "2", "3"])) && [...(await client.sMembers("s"))].sort());
  const parallel = await Promise.all(Array.from({ length: 500 }, (_, number) => client.set(`key:${number}`, number)));
  say("parallel", parallel.every((reply) => reply === "OK"));
  const seen = new Set();
  for await (const keys of client.scanIterator({ MATCH: "key:*", COUNT: 50 })) [keys].flat().forEach((key) => seen.add(key));
  say("scan", seen.size);
  say("wrong type", await client.incr("h").catch((error) => error.message.split(" ")[0]));
  say("unknown", await client.sendCommand(["nosuch", "a"]).catch((error) => error.message));
  say("name", await client.clientGetName());
  await client.close();
  say("closed", true);
}
