import type { TemplateResource } from './document.ts';
import { intrinsicOf, substitutionPattern } from './intrinsics.ts';

/** Names that a value refers to by Ref, Fn::GetAtt or Fn::Sub: resources, parameters and pseudo parameters. */
export function referencesOf(value: unknown): Set<string> {
  const found = new Set<string>();
  const visit = (item: unknown): void => {
    if (Array.isArray(item)) return item.forEach(visit);
    if (typeof item !== 'object' || item === null) return;
    const intrinsic = intrinsicOf(item);
    if (intrinsic?.name === 'Ref' && typeof intrinsic.argument === 'string') found.add(intrinsic.argument);
    else if (intrinsic?.name === 'Fn::GetAtt') found.add(String([intrinsic.argument].flat()[0]).split('.')[0] ?? '');
    else if (intrinsic?.name === 'Fn::Sub') visitSubstitution(intrinsic.argument);
    Object.values(item).forEach(visit);
  };
  const visitSubstitution = (argument: unknown): void => {
    const [template, variables] = [argument].flat() as [unknown, Record<string, unknown>?];
    for (const [, literal, name = ''] of String(template).matchAll(substitutionPattern)) {
      const head = name.split('.')[0] ?? '';
      if (!literal && !(name in (variables ?? {}))) found.add(head);
    }
  };
  visit(value);
  return found;
}

/** Resources so that each comes after what it refers to or depends on; the cycles, where there are some. */
export function dependencyOrder(resources: Readonly<Record<string, TemplateResource>>): {
  order: readonly string[];
  cycles: readonly string[];
} {
  const order: string[] = [];
  const cycles: string[] = [];
  const state = new Map<string, 'visiting' | 'done'>();
  const visit = (logicalId: string, path: readonly string[]): void => {
    const resource = resources[logicalId];
    if (!resource || state.get(logicalId) === 'done') return;
    if (state.get(logicalId) === 'visiting') {
      cycles.push([...path.slice(path.indexOf(logicalId)), logicalId].join(' → '));
      return;
    }
    state.set(logicalId, 'visiting');
    const needs = new Set([...referencesOf([resource.Properties, resource.Metadata]), ...resource.DependsOn]);
    for (const need of needs) visit(need, [...path, logicalId]);
    state.set(logicalId, 'done');
    order.push(logicalId);
  };
  for (const logicalId of Object.keys(resources)) visit(logicalId, []);
  return { order, cycles };
}
