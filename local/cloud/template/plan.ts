import { basename } from 'node:path';
import type { z } from 'zod';
import type { ResourceType } from '../resource.ts';
import { readTemplate, type Template, TemplateError, type TemplateResource } from './document.ts';
import { inertTypes } from './inert.ts';
import { evaluate, IntrinsicError, resolve } from './intrinsics.ts';
import { dependencyOrder } from './order.ts';
import { bootstrapParameter, bootstrapRule, isPlaceholder, placeholder, type StackIdentity, scopeOf } from './scope.ts';

/** A template whose every resource, property and intrinsic the local cloud runs, in the order to create them. */
export interface Plan {
  readonly stackName: string;
  readonly template: Template;
  /** Resources whose condition holds, dependencies first. */
  readonly order: readonly string[];
}

/** Checks a template whole, before anything is created; throws a TemplateError that lists everything it cannot run. */
export function planTemplate(
  path: string,
  types: ReadonlyMap<string, ResourceType>,
  account: Omit<StackIdentity, 'stackName'>,
): Plan {
  const { stackName, template } = readTemplate(path);
  const stack = { ...account, stackName };
  const { present, problems } = selectPresent(template, stack);
  const { order, cycles } = dependencyOrder(present);
  problems.push(
    ...checkParameters(template),
    ...cycles.map((cycle) => `the resources depend on each other in a circle: ${cycle}`),
    ...Object.entries(present).flatMap(([logicalId, resource]) =>
      checkResource(logicalId, resource, { template, stack, present, types }),
    ),
  );
  if (problems.length > 0) throw new TemplateError(basename(path), problems);
  return { stackName, template, order };
}

function selectPresent(template: Template, stack: StackIdentity) {
  const scope = scopeOf(template, stack, () => undefined);
  const present: Record<string, TemplateResource> = {};
  const problems: string[] = [];
  for (const [logicalId, resource] of Object.entries(template.Resources)) {
    try {
      if (!resource.Condition || evaluate({ Condition: resource.Condition }, scope)) present[logicalId] = resource;
    } catch (error) {
      problems.push(`${logicalId}: ${(error as Error).message}`);
    }
  }
  return { present, problems };
}

function checkParameters(template: Template): string[] {
  const problems = Object.keys(template.Rules)
    .filter((rule) => rule !== bootstrapRule)
    .map((rule) => `the rule ${rule} is not evaluated by the local cloud`);
  for (const [name, parameter] of Object.entries(template.Parameters)) {
    if (name === bootstrapParameter) continue;
    if (parameter.Type.startsWith('AWS::'))
      problems.push(`the parameter ${name} is looked up in AWS (${parameter.Type})`);
    else if (parameter.Default === undefined) problems.push(`the parameter ${name} has no default`);
  }
  return problems;
}

interface Surroundings {
  readonly template: Template;
  readonly stack: StackIdentity;
  readonly present: Readonly<Record<string, TemplateResource>>;
  readonly types: ReadonlyMap<string, ResourceType>;
}

function checkResource(logicalId: string, resource: TemplateResource, surroundings: Surroundings): string[] {
  const { template, stack, present, types } = surroundings;
  const type = types.get(resource.Type);
  const name = `${logicalId} (${resource.Type})`;
  if (!type && !(resource.Type in inertTypes)) return [`${name}: the local cloud does not run this resource type`];
  const missing = resource.DependsOn.filter((need) => !(need in template.Resources));
  const problems = missing.map((need) => `${name}: depends on ${need}, which is not in the template`);
  const scope = scopeOf(template, stack, (id) => (id in present ? placeholder(id) : undefined));
  const [properties, trouble] = resolveLeniently(resource.Properties, scope);
  if (trouble) return [...problems, `${name}: ${trouble}`];
  return [...problems, ...(type ? propertyProblems(name, type, properties, { final: false }) : [])];
}

function resolveLeniently(value: unknown, scope: Parameters<typeof resolve>[1]): [unknown, string?] {
  try {
    return [resolve(value, scope)];
  } catch (error) {
    if (!(error instanceof IntrinsicError)) throw error;
    // A piece cut out of an ARN that is not known yet: checked again when the resource is created.
    if (isPlaceholder(error.message)) return [undefined];
    return [undefined, error.message];
  }
}

/** What a type's schema says against properties; before creation, values that are not known yet are let pass. */
export function propertyProblems(
  name: string,
  type: ResourceType,
  properties: unknown,
  options: { final: boolean },
): string[] {
  if (properties === undefined) return [];
  const result = type.properties.safeParse(properties);
  if (result.success) return [];
  return result.error.issues.flatMap((issue) => describeIssue(name, issue, properties, options.final));
}

function describeIssue(name: string, issue: z.core.$ZodIssue, properties: unknown, final: boolean): string[] {
  const at = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${name}: the local cloud does not know the property ${at ? `${at}.` : ''}${key}`);
  }
  const value = issue.path.reduce<unknown>(
    (item, key) => (item as Record<PropertyKey, unknown> | undefined)?.[key],
    properties,
  );
  if (!final && isPlaceholder(value)) return [];
  return [`${name}: ${at || 'Properties'} is ${JSON.stringify(value)?.slice(0, 200)}: ${issue.message}`];
}
