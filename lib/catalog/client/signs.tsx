import { useState } from 'preact/hooks';
import type { Standing } from '../state.ts';

const words: Record<Standing['state'], string> = {
  current: 'current',
  warned: 'warnings',
  late: 'late',
  failed: 'failed',
  never: 'not there yet',
};

export function StateDot({ standing }: { standing: Standing }) {
  return <span class={`dot ${standing.state}`} role="img" aria-label={words[standing.state]} title={standing.text} />;
}

export function StateBadge({ standing }: { standing: Standing }) {
  return (
    <span class={`badge ${standing.state}`} title={standing.text}>
      {words[standing.state]}
    </span>
  );
}

const curve = { width: 96, height: 22 };

/** A small curve of row counts; its title says the numbers. */
export function Sparkline({ values }: { values: readonly number[] }) {
  if (values.length < 2) return null;
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const range = highest - lowest || 1;
  const point = (value: number, index: number) => {
    const x = 1 + (index / (values.length - 1)) * (curve.width - 5);
    const y = highest === lowest ? curve.height / 2 : 3 + (1 - (value - lowest) / range) * (curve.height - 6);
    return [x, y] as const;
  };
  const points = values.map(point);
  const [lastX, lastY] = points.at(-1) ?? [0, 0];
  const said = `from ${values[0]?.toLocaleString('en')} to ${values.at(-1)?.toLocaleString('en')} rows`;
  return (
    <svg class="sparkline" width={curve.width} height={curve.height} role="img" aria-label={said}>
      <title>{said}</title>
      <polyline points={points.map((at) => at.join(',')).join(' ')} />
      <circle cx={lastX} cy={lastY} r="2" />
    </svg>
  );
}

/** Puts text on the clipboard; a site without TLS has no clipboard of its own, but may select and copy. */
async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}

const toldMilliseconds = 1500;

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [isCopied, setCopied] = useState(false);
  const act = async () => {
    await copy(text);
    setCopied(true);
    setTimeout(() => setCopied(false), toldMilliseconds);
  };
  return (
    <button type="button" class="copy" onClick={act} aria-label={`Copy ${what}`}>
      {isCopied ? 'Copied' : 'Copy'}
      <span class="said" role="status">
        {isCopied ? `${what} is on the clipboard` : ''}
      </span>
    </button>
  );
}
