// Numbers and times for people. Rounding never turns "a few" into none, or "nearly all" into all.

const kWhole = new Intl.NumberFormat('en');
const kShort = new Intl.NumberFormat('en', {notation: 'compact', maximumFractionDigits: 1});

export const count = (value) => kWhole.format(value);
export const shortCount = (value) => (value < 10000 ? kWhole.format(value) : kShort.format(value));
export const plural = (value, one, many = one + 's') => `${count(value)} ${value === 1 ? one : many}`;

/** A share from 0 to 1 as a percentage; a dash for a share of nothing. */
export function percent(share) {
  if (share === null || share === undefined) return '–';
  const value = share * 100;
  if (value === 0) return '0%';
  if (value < 0.01) return '<0.01%';
  if (value > 99.99 && value < 100) return '>99.99%';
  if (value < 1 || value > 99) return `${Number(value.toFixed(2))}%`;
  if (value < 10) return `${Number(value.toFixed(1))}%`;
  return `${value.toFixed(value > 90 ? 1 : 0)}%`;
}

export function duration(microseconds) {
  if (microseconds === null || microseconds === undefined) return '–';
  if (microseconds < 1000) return `${microseconds} µs`;
  const milliseconds = microseconds / 1000;
  if (milliseconds < 1000) return `${milliseconds < 10 ? milliseconds.toFixed(1) : milliseconds.toFixed(0)} ms`;
  return `${(milliseconds / 1000).toFixed(milliseconds < 10000 ? 2 : 1)} s`;
}

export function span(seconds) {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86400)} days`;
}

export function bytes(value) {
  if (value < 1000) return plural(value, 'byte');
  if (value < 1e6) return `${(value / 1e3).toFixed(1)} kB`;
  return `${(value / 1e6).toFixed(1)} MB`;
}

const kTime = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium', timeStyle: 'medium'});
const kClock = new Intl.DateTimeFormat(undefined, {hour: '2-digit', minute: '2-digit'});

export const time = (microseconds) => kTime.format(new Date(microseconds / 1000));
export const clock = (seconds) => kClock.format(new Date(seconds * 1000));
export const iso = (microseconds) => new Date(microseconds / 1000).toISOString();

export function ago(microseconds) {
  const seconds = Math.max(0, Date.now() / 1000 - microseconds / 1e6);
  return seconds < 5 ? 'just now' : `${span(seconds)} ago`;
}

/** `new_failed` as people say it. */
export const words = (name) => String(name).replaceAll('_', ' ');
