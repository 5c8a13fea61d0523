import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { MillraceError } from '../../../lib/pipeline/error.ts';

const anyObject = z.record(z.string(), z.unknown());

const resourceSchema = z.strictObject({
  Type: z.string(),
  Properties: anyObject.default({}),
  Metadata: anyObject.default({}),
  DependsOn: z
    .union([z.string(), z.array(z.string())])
    .default([])
    .transform((value) => [value].flat()),
  Condition: z.string().optional(),
  // What happens on deletion and replacement has no meaning where a state directory is kept or thrown away whole.
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
});
export type TemplateResource = z.infer<typeof resourceSchema>;

const parameterSchema = z.looseObject({ Type: z.string(), Default: z.unknown().optional() });

const templateSchema = z.strictObject({
  AWSTemplateFormatVersion: z.string().optional(),
  Description: z.string().optional(),
  Metadata: anyObject.default({}),
  Parameters: z.record(z.string(), parameterSchema).default({}),
  Mappings: z.record(z.string(), z.record(z.string(), anyObject)).default({}),
  Conditions: anyObject.default({}),
  Rules: anyObject.default({}),
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), z.looseObject({ Value: z.unknown(), Condition: z.string().optional() })).default({}),
});
export type Template = z.infer<typeof templateSchema>;

/** Everything that is wrong with a template, listed together. */
export class TemplateError extends MillraceError {
  readonly problems: readonly string[];

  constructor(templateName: string, problems: readonly string[]) {
    super(
      'TEMPLATE_NOT_RUNNABLE',
      `${templateName} has ${problems.length === 1 ? 'something' : `${problems.length} things`} that the local cloud does not run:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/** CDK names a template's file after its stack; the template itself does not say. */
export const stackNameOf = (path: string): string => basename(path).replace(/(\.template)?\.json$/, '');

/** Reads a synthesized template; sections and resource attributes that nobody knows are errors. */
export function readTemplate(path: string): { stackName: string; template: Template } {
  const result = templateSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new TemplateError(basename(path), problems);
  }
  return { stackName: stackNameOf(path), template: result.data };
}
