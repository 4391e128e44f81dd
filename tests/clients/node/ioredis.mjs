// ioredis against the port given; prints one JSON line per step, which the test compares.
import Redis from "ioredis";

const say = (name, value) => console.log(JSON.stringify([name, value]));
const port = Number(process.argv[2]);

for (const protocol of [2, 3]) {
  const client = new Redis({ port, protocol, db: 1, connectionName: "node", retryStrategy: null });
  client.on("error", (error) => say("error event", error.message));
  client.once("ready", () => say("ready", true));
  await client.flushdb();
  say("set", await client.set("key", "value", "EX", 100));
  say("get", await client.get("key"));
  say("missing", await client.get("nokey"));
  say("binary", (await client.setBuffer("b", Buffer.from([0, 255, 13, 10]))) && [...(await client.getBuffer("b"))]);
  say("hash", (await client.hset("h", { a: 1, b: "two" })) && (await client.hgetall("h")));
  say("zset", (await client.zadd("z", 1, "one", 2.5, "two")) && (await client.zrange("z", 0, -1, "WITHSCORES")));
  say("set of three", (await client.sadd("s", 1, 2, 3)) && (await client.smembers("s")).sort());
  const pipeline = client.pipeline();
  for (let number = 0; number < 1000; number += 1) pipeline.incr("n");
  pipeline.lpush("key", 1);
  const replies = await pipeline.exec();
  say("pipeline", [replies.length, replies[999], replies[1000][0].message.split(" ")[0]]);
  const parallel = await Promise.all(Array.from({ length: 500 }, (_, number) => client.set(`key:${number}`, number)));
  say("parallel", parallel.every((reply) => reply === "OK"));
  const seen = new Set();
  for await (const keys of client.scanStream({ match: "key:*", count: 50 })) keys.forEach((key) => seen.add(key));
  say("scan", seen.size);
  say("wrong type", await client.incr("h").catch((error) => [error.name, error.message.split(" ")[0]]));
  say("unknown", await client.call("nosuch", "a").catch((error) => error.message));
  say("name", await client.client("GETNAME"));
  say("quit", await client.quit());
}
