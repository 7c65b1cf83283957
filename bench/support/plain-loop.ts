import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlainMarket } from './plain-rules.js';
import { WORKLOADS, type WorkloadName, workloadFolder } from './reference-workloads.js';

/** Reads a workload without any of Hindcast. */
export function plainMarket(name: WorkloadName): PlainMarket {
  const column = (field: string): Float64Array => {
    const bytes = readFileSync(join(workloadFolder(), `${name}.${field}.f64`));
    return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8).slice();
  };
  const close = column('close');
  const { symbols, bars } = WORKLOADS[name];
  const ticks = close.map((price) => Math.round(price * 1e4));
  return { symbols, bars, open: column('open'), close, ticks, curve: new Float64Array(bars) };
}
