"""Runs the sweep W2 in engines of Python, as many combinations as are asked for on standard input, and prints a line of JSON.

Usage: peers.py ENGINE FOLDER MARKET SYMBOLS BARS < [[fast, slow, threshold], ...]; without arguments: the engines that can be imported.
Moving averages are exact, from integer ticks, and the same columns for all engines; a signal at the close of a bar fills at the next opening.
"""
import importlib
import json
import sys
import time

import numpy as np

CASH, FEE, YEAR = 1e9, 0.001, np.sqrt(252.0)


def read(folder, name, field, symbols, bars):
    return np.fromfile(f"{folder}/{name}.{field}.f64", dtype="<f8").reshape(symbols, bars)


def average(close, window):
    """Exact: sums of integer ticks, divided once."""
    ticks = np.rint(close * 1e4).astype(np.int64)
    sums = np.concatenate([[0], np.cumsum(ticks)])
    out = np.full(len(close), np.nan)
    out[window - 1 :] = (sums[window:] - sums[:-window]) / (window * 1e4)
    return out


def signals(fast, slow, threshold, first):
    with np.errstate(invalid="ignore"):
        enter, leave = fast > slow * (1 + threshold), fast < slow
    enter[:first] = leave[:first] = False
    return enter, leave


def figures(equity, fills):
    returns = equity[1:] / equity[:-1] - 1
    deviation = returns.std(ddof=1)
    peak = np.maximum.accumulate(np.concatenate([[CASH], equity]))[1:]
    sharpe = returns.mean() / deviation * YEAR if deviation > 0 else 0.0
    return [float(equity[-1]), int(fills), float(sharpe), float((1 - equity / peak).max())]


class Numpy:
    """No engine: whole columns at once. What a careful user of numpy writes."""

    module = "numpy"

    def run(self, market, fast, slow, threshold, first, cash):
        enter, leave = signals(fast, slow, threshold, first)
        mark = np.where(enter, 1, np.where(leave, 0, -1))
        last = np.maximum.accumulate(np.where(mark >= 0, np.arange(len(mark)), -1))
        wanted = np.where(last >= 0, mark[last], 0)
        held = np.concatenate([[0], wanted[:-1]])
        change = np.diff(held, prepend=0)
        equity, fills = np.empty(len(held)), np.flatnonzero(change)
        free, units, at = cash, 0.0, 0
        for bar in fills:
            equity[at:bar] = free + units * market["close"][at:bar]
            price = market["open"][bar]
            if change[bar] > 0:
                free, units = 0.0, free / (price * (1 + FEE))
            else:
                free, units = units * price * (1 - FEE), 0.0
            at = bar
        equity[at:] = free + units * market["close"][at:]
        return equity, len(fills)


class Vectorbt:
    module = "vectorbt"

    def run(self, market, fast, slow, threshold, first, cash):
        import vectorbt as vbt

        enter, leave = signals(fast, slow, threshold, first)
        shift = lambda column: np.concatenate([[False], column[:-1]])
        portfolio = vbt.Portfolio.from_signals(
            market["close"], shift(enter), shift(leave), price=market["open"], size=np.inf, fees=FEE, init_cash=cash, freq="1D"
        )
        return np.asarray(portfolio.value()), portfolio.orders.count()


class Backtesting:
    module = "backtesting"

    def run(self, market, fast, slow, threshold, first, cash):
        import pandas as pd
        from backtesting import Strategy
        from backtesting.lib import FractionalBacktest

        enter, leave = signals(fast, slow, threshold, first)

        class Level(Strategy):
            def init(self):
                pass

            def next(self):
                bar = len(self.data) - 1
                if not self.position:
                    if enter[bar]:
                        self.buy()
                elif leave[bar]:
                    self.position.close()

        names = {"open": "Open", "high": "High", "low": "Low", "close": "Close", "volume": "Volume"}
        index = pd.date_range("2020-01-01", periods=len(enter), freq="D")
        frame = pd.DataFrame({names[field]: column for field, column in market.items()}, index=index)
        result = FractionalBacktest(frame, Level, cash=cash, commission=FEE, fractional_unit=1e-8).run()
        open_trades = len(result["_strategy"].trades)
        return result["_equity_curve"]["Equity"].to_numpy(), 2 * len(result["_trades"]) + open_trades


class Backtrader:
    module = "backtrader"

    def run(self, market, fast, slow, threshold, first, cash):
        import backtrader as bt
        import pandas as pd

        enter, leave = signals(fast, slow, threshold, first)
        values, fills = [], [0]

        class Level(bt.Strategy):
            def next_open(self):
                before = len(self) - 2
                if before < 0:
                    return
                if not self.position:
                    if enter[before]:
                        self.buy(size=self.broker.getcash() / (self.data.open[0] * (1 + FEE)))
                elif leave[before]:
                    self.close()

            def notify_order(self, order):
                fills[0] += order.status == order.Completed

            def next(self):
                values.append(self.broker.getvalue())

        cerebro = bt.Cerebro(cheat_on_open=True, stdstats=False)
        frame = pd.DataFrame(market, index=pd.date_range("2020-01-01", periods=len(enter), freq="D"))
        cerebro.adddata(bt.feeds.PandasData(dataname=frame))
        cerebro.addstrategy(Level)
        cerebro.broker.setcash(cash)
        cerebro.broker.setcommission(commission=FEE)
        cerebro.broker.set_checksubmit(False)
        cerebro.run()
        return np.array(values), fills[0]


ENGINES = {engine.module: engine for engine in (Numpy, Vectorbt, Backtesting, Backtrader)}


def present():
    found = {}
    for name in ENGINES:
        try:
            found[name] = getattr(importlib.import_module(name), "__version__", "?")
        except ImportError:
            found[name] = None
    return found


def main(name, folder, market, symbols, bars):
    symbols, bars = int(symbols), int(bars)
    engine, combinations = ENGINES[name](), json.load(sys.stdin)
    columns = {field: read(folder, market, field, symbols, bars) for field in ("open", "high", "low", "close", "volume")}
    assets = [{field: column[symbol] for field, column in columns.items()} for symbol in range(symbols)]
    begun = time.perf_counter()
    windows = {window for fast, slow, _ in combinations for window in (fast, slow)}
    averages = [{window: average(asset["close"], window) for window in windows} for asset in assets]
    rows = []
    for fast, slow, threshold in combinations:
        equity, fills = np.zeros(bars), 0
        for asset, known in zip(assets, averages):
            value, count = engine.run(asset, known[fast], known[slow], threshold, max(fast, slow) - 1, CASH / symbols)
            equity, fills = equity + value, fills + count
        rows.append([fast, slow, threshold, *figures(equity, fills)])
    print(json.dumps({"seconds": time.perf_counter() - begun, "rows": rows}))


if len(sys.argv) == 1:
    print(json.dumps(present()))
else:
    main(*sys.argv[1:])
