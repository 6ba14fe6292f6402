"""Independent computation of the features with pandas, in floating point.

Writes windows.json beside this file: for each synthetic series, the raw indicators of its 60 x 8 window and its context.
The Rust test `golden.rs` compares. Needs numpy and pandas; run `python make_golden.py` after a change of the feature definition.
"""

import json
import pathlib

import numpy as np
import pandas as pd

MASK = (1 << 64) - 1
MINUTE = 60_000
EIGHT_HOURS = 8 * 60 * MINUTE


class Generator:
    """The linear congruential generator of `synthetic.rs`."""

    def __init__(self, seed):
        self.state = seed

    def draw(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & MASK
        return self.state >> 48

    def bell(self):
        return sum(self.draw() - 32_767 for _ in range(4))


def toward_zero(n, d):
    return n // d if n >= 0 else -(-n // d)


def candles(seed, open_time, count):
    generator, price, rows = Generator(seed), 3_000_000_000_000, []
    for minute in range(count):
        amplitude = 1 + minute // 360 % 4
        unit = price >> 17
        close = price + toward_zero(unit * amplitude * generator.bell(), 1024)
        close = min(max(close, 100_000_000_000), 1_000_000_000_000_000)
        generator.draw()  # the high
        generator.draw()  # the low
        first = generator.draw()
        volume = amplitude * first * (1 + generator.draw()) // 8
        rows.append((open_time + minute * MINUTE, close, volume))
        price = close
    return pd.DataFrame(rows, columns=["open_time_ms", "close", "volume"])


def funding(seed, start, end):
    generator, time, rows = Generator(seed), start - start % EIGHT_HOURS - 3 * EIGHT_HOURS, []
    while time <= end:
        rows.append((time, 10_000 + toward_zero(generator.bell(), 8)))
        time += EIGHT_HOURS
    return pd.DataFrame(rows, columns=["time_ms", "rate"])


def indicators(frame, rates):
    close, volume = frame.close.astype(float), frame.volume.astype(float)

    def ema(period):
        return close.ewm(span=period, adjust=False).mean()

    def wilder(moves):
        return moves.ewm(alpha=1 / 14, adjust=False).mean()

    def share(period):
        short, long = volume.rolling(period).mean(), volume.rolling(240).mean()
        return (short / (short + long)).where(long > 0, 0.5)

    change = close.diff().fillna(0.0)
    gain, loss = wilder(change.clip(lower=0)), wilder((-change).clip(lower=0))
    epsilon = close / 2**20
    known = np.searchsorted(rates.time_ms // 1000, (frame.open_time_ms + MINUTE) // 1000, side="right") - 1
    return pd.DataFrame(
        {
            "ema5": ema(5) / close - 1,
            "ema10": ema(10) / close - 1,
            "ema20": ema(20) / close - 1,
            "rsi14": (gain + epsilon) / (gain + loss + 2 * epsilon),
            "macd": (ema(12) - ema(26)) / close,
            "volume5": share(5),
            "volume10": share(10),
            "funding": rates.rate.to_numpy()[known] / 1e8,
        }
    ).tail(60)


def context(frame):
    """The window's context as of its last close: volatilities, a long return, the clock by interpolation, the weekend."""
    # The returns' rounding is part of the definition: it moves a volatility by up to 1.5e-5 octaves.
    returns = (frame.close.astype(float).pct_change() * 1e9).round()
    volatility = {
        f"volatility{n}": np.log2((returns.tail(n) ** 2).mean() + 50_000**2) for n in (5, 15, 30, 60, 120, 240)
    }
    last, past = frame.close.iloc[-1], frame.close.iloc[-241]
    closed = pd.to_datetime(frame.open_time_ms.iloc[-1] + MINUTE, unit="ms", utc=True)
    hour, knots = closed.hour + closed.minute / 60, np.arange(0, 25, 3)
    clock = {f"clock{k}": np.interp(hour, knots, [i % 8 == k for i in range(9)]) for k in range(8)}
    return pd.Series(
        {**volatility, "return240": 1 - past / last, **clock, "weekend": float(closed.day_name() in ("Saturday", "Sunday"))}
    )


def digits(values):
    return [float(f"{value:.12g}") for value in values]


def case(name, seed, open_time, change):
    frame = change(candles(seed, open_time, 300))
    rates = funding(seed, open_time, open_time + 300 * MINUTE)
    values = [digits(row) for row in indicators(frame, rates).to_numpy()]
    return {"name": name, "seed": seed, "open_time_ms": open_time, "values": values, "context": digits(context(frame))}


def flat(frame):
    return frame.assign(close=3_000_000_000_000, volume=0)


def quiet_end(frame):
    return frame.assign(volume=frame.volume.where(frame.index < 292, 0))


def main():
    start = 1_700_000_040_000
    cases = [
        case("walk", 1, start, lambda frame: frame),
        case("other walk", 2, start + 7 * 3600_000, lambda frame: frame),
        case("quiet end", 3, start, quiet_end),
        case("flat", 4, start, flat),
        case("saturday night", 5, 1_732_400_000_000 // MINUTE * MINUTE, lambda frame: frame),
        case("sunday's last minute", 6, 1_732_492_800_000 - 301 * MINUTE, lambda frame: frame),
    ]
    path = pathlib.Path(__file__).with_name("windows.json")
    lines = ",\n".join(json.dumps(entry) for entry in cases)
    path.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
