import './style/all.css';
import { render } from 'preact';
import { catalogFrom } from './catalog-index.ts';
import { Shell } from './shell.tsx';
import { arrivedData, takeData } from './store.ts';
import { applyTheme } from './theme.tsx';

declare global {
  interface Window {
    millraceCatalog: typeof takeData;
  }
}

window.millraceCatalog = takeData;
applyTheme();

addEventListener('DOMContentLoaded', () => {
  const place = document.querySelector('#catalog');
  if (!place) return;
  const [index, status] = [arrivedData('data/index.js'), arrivedData('data/status.js')];
  place.replaceChildren();
  if (index) return render(<Shell catalog={catalogFrom(index, status ?? { relations: [] })} />, place);
  render(<p class="starting">data/index.js could not be read: is the site whole, and may you read it?</p>, place);
});
