const two = (value: number): string => (value < 10 ? `0${value}` : `${value}`);

/** Returns a function that writes UTC milliseconds as local time without offset and with six fraction digits, as Optuna does. */
export function localTimeWriter(): (milliseconds: number) => string {
  let second = Number.NaN;
  let written = '';
  return (milliseconds) => {
    const whole = Math.floor(milliseconds / 1000);
    // The calendar is asked once a second: it costs more than the rest of a record.
    if (whole !== second) {
      const time = new Date(whole * 1000);
      const date = `${String(time.getFullYear()).padStart(4, '0')}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
      written = `${date}T${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.`;
      second = whole;
    }
    return `${written}${String(Math.floor(milliseconds) - whole * 1000).padStart(3, '0')}000`;
  };
}
