import { useEffect, useRef } from 'preact/hooks';
import type { CatalogColumn, Relation } from '../catalog.ts';
import { linkTo } from './route.ts';

export function Columns({ relation, selected }: { relation: Relation; selected: string | undefined }) {
  const { columns, model, paths } = relation;
  return (
    <section>
      <h2 id="section-columns" tabIndex={-1}>
        Columns <small>{columns.length}</small>
      </h2>
      <div class="scroll">
        <table class="columns">
          <thead>
            <tr>
              <th>Column</th>
              <th>Type</th>
              <th>Meaning</th>
            </tr>
          </thead>
          <tbody>
            {columns.map((column) => (
              <Column
                key={column.name}
                column={column}
                relation={relation}
                isKey={model?.key.includes(column.name) ?? false}
                isSelected={column.name === selected}
              />
            ))}
          </tbody>
        </table>
      </div>
      {paths.length > 0 && (
        <details class="paths">
          <summary>{paths.length === 1 ? 'One path' : `${paths.length} paths`} into it that models read</summary>
          <ul>
            {paths.map((path) => (
              <li key={path}>
                <code>{path}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

interface ColumnProps {
  readonly column: CatalogColumn;
  readonly relation: Relation;
  readonly isKey: boolean;
  readonly isSelected: boolean;
}

/** A click on the name shows where the column comes from and goes to, in the drawing below; another takes it back. */
function Column({ column, relation, isKey, isSelected }: ColumnProps) {
  const row = useRef<HTMLTableRowElement>(null);
  const wasHere = useRef(false);
  useEffect(() => {
    // Who comes by a link wants to see it; who has clicked does already.
    if (isSelected && !wasHere.current) row.current?.scrollIntoView({ block: 'nearest' });
    wasHere.current = true;
  }, [isSelected]);
  const { name, type, label, description, personalData = 'none' } = column;
  const href = linkTo(relation, { column: isSelected ? undefined : name });
  return (
    <tr ref={row} class={isSelected ? 'selected' : ''}>
      <td>
        <a href={href} aria-current={isSelected ? 'true' : undefined} title="Show its sources and users in the drawing">
          {name}
        </a>
        {isKey && <span class="tag">key</span>}
        {personalData !== 'none' && <span class="tag personal">{personalData}</span>}
      </td>
      <td>
        <code class="type">{type ?? '–'}</code>
      </td>
      <td>
        {label && <em>{label}</em>}
        {description}
      </td>
    </tr>
  );
}
