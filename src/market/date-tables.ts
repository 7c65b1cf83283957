/** Returns dates `YYYY-MM-DD` of a table that lists them by year as `MMDD`, apart by spaces. */
export function datesByYear(table: Readonly<Record<number, string>>): string[] {
  return Object.entries(table).flatMap(([year, days]) =>
    days.split(' ').map((day) => `${year}-${day.slice(0, 2)}-${day.slice(2)}`),
  );
}
