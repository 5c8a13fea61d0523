import { useState } from 'preact/hooks';

const key = 'millrace-catalog-theme';
type Theme = 'light' | 'dark';

/** A page opened as a file may have no storage. */
function stored(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

const wanted = (): Theme => {
  const chosen = stored();
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
};

/** The reader's choice; without one the stylesheet follows the system. */
export function applyTheme(): void {
  const chosen = stored();
  if (chosen) document.documentElement.dataset.theme = chosen;
}

export function ThemeButton() {
  const [theme, setTheme] = useState(wanted());
  const other: Theme = theme === 'dark' ? 'light' : 'dark';
  const change = () => {
    document.documentElement.dataset.theme = other;
    try {
      localStorage.setItem(key, other);
    } catch {}
    setTheme(other);
  };
  return (
    <button type="button" class="quiet" onClick={change} aria-label={`Change to ${other}`} title={`Change to ${other}`}>
      {theme === 'dark' ? '☀' : '☾'}
    </button>
  );
}
