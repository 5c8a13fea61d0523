const numbers = new Intl.NumberFormat('en');
export const count = (value: number | undefined): string => (value === undefined ? '–' : numbers.format(value));

const units: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

/** `2 minutes`, in the largest unit that fits. */
export function duration(seconds: number): string {
  const [size, name] = units.find(([unit]) => seconds >= unit) ?? [1, 'second'];
  const value = Math.round(seconds / size);
  return `${numbers.format(value)} ${name}${value === 1 ? '' : 's'}`;
}

export function ago(atSeconds: number | undefined, nowSeconds: number): string {
  if (!atSeconds) return 'never';
  const passed = nowSeconds - atSeconds;
  return passed < 5 ? 'just now' : `${duration(passed)} ago`;
}

/** `2026-11-20 12:00:05 UTC`: what people write into messages to each other. */
export function instant(atSeconds: number | undefined): string {
  return atSeconds ? `${new Date(atSeconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC` : '';
}

export const now = (): number => Math.floor(Date.now() / 1000);
