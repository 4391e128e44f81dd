"""Line charts as SVG: panels in a grid, logarithmic axes, one line per contestant."""

import math

WIDTH, HEIGHT, LEFT, TOP, GAP = 300, 190, 46, 24, 34
COLUMNS = 4
COLOURS = ("#c0392b", "#2471a3", "#7f8c8d", "#b7950b", "#6c3483")
STYLE = "text{font:11px sans-serif;fill:#222}.t{font-weight:bold}.g{stroke:#ddd}.a{stroke:#888;fill:none}"


def decades(low, high):
    """Return the powers of ten that enclose low … high."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return [10.0**power for power in range(first, max(last, first + 1) + 1)]


def short(value):
    """Return a tick's label."""
    if value >= 1e6:
        return f"{value / 1e6:g}M"
    return f"{value / 1e3:g}k" if value >= 1e3 else f"{value:g}"


def panel(title, unit, lines, colours):
    """Return the SVG elements of one chart; `lines` is {name: [(x, y)]}."""
    points = [point for line in lines.values() for point in line]
    xs, ys = (decades(min(values), max(values)) for values in zip(*points, strict=True))

    def at(value, ticks, length):
        low, high = math.log10(ticks[0]), math.log10(ticks[-1])
        return (math.log10(value) - low) / (high - low) * length

    inner, tall = WIDTH - LEFT - 8, HEIGHT - TOP - GAP
    parts = [f'<text class="t" x="{LEFT}" y="14">{title}</text>']
    for tick in ys:
        y = TOP + tall - at(tick, ys, tall)
        parts.append(f'<line class="g" x1="{LEFT}" x2="{LEFT + inner}" y1="{y:.1f}" y2="{y:.1f}"/>')
        label = short(tick) + (f" {unit}" if tick == ys[-1] else "")
        parts.append(f'<text x="{LEFT - 4}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    for tick in xs:
        x = LEFT + at(tick, xs, inner)
        parts.append(f'<text x="{x:.1f}" y="{TOP + tall + 14}" text-anchor="middle">{short(tick)}</text>')
    parts.append(f'<rect class="a" x="{LEFT}" y="{TOP}" width="{inner}" height="{tall}"/>')
    for name, line in lines.items():
        path = " ".join(f"{LEFT + at(x, xs, inner):.1f},{TOP + tall - at(y, ys, tall):.1f}" for x, y in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colours[name]}" stroke-width="2"/>')
    return parts


def chart(panels, names, unit):
    """Return an SVG document; `panels` is {title: {name: [(x, y)]}}."""
    colours = dict(zip(names, COLOURS, strict=False))
    rows = math.ceil(len(panels) / COLUMNS)
    wide, tall = COLUMNS * WIDTH, rows * HEIGHT + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{tall}" viewBox="0 0 {wide} {tall}">',
        f"<style>{STYLE}</style>",
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    for number, name in enumerate(names):
        x = LEFT + number * 150
        parts.append(f'<line x1="{x}" x2="{x + 20}" y1="12" y2="12" stroke="{colours[name]}" stroke-width="3"/>')
        parts.append(f'<text x="{x + 26}" y="16">{name}</text>')
    for number, (title, lines) in enumerate(panels.items()):
        x, y = number % COLUMNS * WIDTH, number // COLUMNS * HEIGHT + 24
        parts += [f'<g transform="translate({x},{y})">', *panel(title, unit, lines, colours), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"
