import type { Template } from '../../lib/app.ts';

/** Readable names for what is only known at deploy time: `{"Ref":"LakeBucketB1D32E10"}` → `<LakeBucket>`. */
export function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  const node = value as Record<string, unknown>;
  if (typeof node.Ref === 'string') return `<${withoutHash(node.Ref)}>`;
  const [logicalId, attribute] = (node['Fn::GetAtt'] ?? []) as string[];
  if (logicalId) return `<${withoutHash(logicalId)}.${attribute}>`;
  const [separator, parts] = (node['Fn::Join'] ?? []) as [string, unknown[]] | [];
  if (parts) return parts.map(readable).join(separator);
  return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, readable(inner)]));
}

/** Logical ids end in eight hexadecimal digits that only CloudFormation needs. */
export function withoutHash(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}

export type Properties = Record<string, unknown>;

/** The resources of a type, by logical id without its hash, readable. */
export function resourcesOf(template: Template, type: string): [string, Properties][] {
  return Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, resource]) => [withoutHash(id), readable(resource.Properties) as Properties]);
}

export interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

/** The statements of each role, by the role's name. */
export function roleStatements(template: Template): [string, Statement[]][] {
  return resourcesOf(template, 'AWS::IAM::Role').map(([name, properties]) => {
    const policies = properties.Policies as { PolicyDocument: { Statement: Statement[] } }[];
    return [name, policies.flatMap((policy) => policy.PolicyDocument.Statement)];
  });
}

const list = (value: string | string[]): string[] => [value].flat();

/** Every grant of a template, a line each: role, action, resource, condition. */
export function grantLines(template: Template): string[] {
  return roleStatements(template).flatMap(([role, statements]) =>
    statements.flatMap(({ Action, Resource, Condition }) =>
      list(Action).flatMap((action) =>
        list(Resource).map((resource) =>
          [role, action, resource, ...(Condition ? [JSON.stringify(Condition)] : [])].join('  '),
        ),
      ),
    ),
  );
}
