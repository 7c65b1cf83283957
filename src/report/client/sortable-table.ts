/** Lets the headers of a table sort its rows: numbers by `data-value`, words by their text, missing ones last. */
export function makeSortable(table: HTMLTableElement): void {
  const headers = [...table.querySelectorAll('thead th')];
  const body = table.tBodies[0]!;
  headers.forEach((header, column) => {
    header.querySelector('button')?.addEventListener('click', () => {
      const descending = header.getAttribute('aria-sort') === 'ascending';
      for (const other of headers) other.removeAttribute('aria-sort');
      header.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      const rows = [...body.rows].sort((a, b) => compare(a.cells[column]!, b.cells[column]!, descending ? -1 : 1));
      body.append(...rows);
    });
  });
}

function compare(a: HTMLTableCellElement, b: HTMLTableCellElement, sign: number): number {
  const [left, right] = [a.dataset.value, b.dataset.value];
  if (left === undefined || right === undefined) return sign * (a.textContent ?? '').localeCompare(b.textContent ?? '');
  if (left === '' || right === '') return left === right ? 0 : left === '' ? 1 : -1;
  return sign * (Number(left) - Number(right));
}
