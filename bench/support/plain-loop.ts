import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlainMarket } from './plain-rules.js';
import { WORKLOADS, type WorkloadName, workloadFolder } from './reference-workloads.js';

/** Reads a column of a workload, symbol after symbol. */
export function plainColumn(name: WorkloadName, field: string): Float64Array {
  const bytes = readFileSync(join(workloadFolder(), `${name}.${field}.f64`));
  return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8).slice();
}

/** Reads a workload without any of Hindcast. */
export function plainMarket(name: WorkloadName): PlainMarket {
  const close = plainColumn(name, 'close');
  const { symbols, bars } = WORKLOADS[name];
  const ticks = close.map((price) => Math.round(price * 1e4));
  return { symbols, bars, open: plainColumn(name, 'open'), close, ticks, curve: new Float64Array(bars) };
}
