import 'uplot/dist/uPlot.min.css';
import './page.css';
import type { PageData } from '../page-data.js';
import { drawDrift, drawEquity, drawHistory } from './charts.js';
import { drawHeatMap } from './heat-map.js';
import { makeSortable } from './sortable-table.js';

const data = JSON.parse(document.getElementById('report-data')!.textContent!) as PageData;

for (const table of document.querySelectorAll<HTMLTableElement>('table.sortable')) makeSortable(table);
drawEquity(data.equity, data.walk?.bands);
if (data.walk !== undefined) drawDrift(data.walk);
if (data.study !== undefined) {
  drawHeatMap(data.study);
  drawHistory(data.study);
}
document.documentElement.dataset.drawn = 'yes';
