import * as z from 'zod';

/** A function of `sql/functions`, as the refresh functions read it from `functions.json`. */
export const compiledFunction = z.strictObject({
  /** Within the schema `functions`. */
  name: z.string(),
  path: z.string(),
  owner: z.string(),
  description: z.string(),
  /** CREATE OR REPLACE FUNCTION, as it stands in the file. */
  statement: z.string(),
  /** As Redshift spells them, in lower case, without lengths: they tell functions of one name apart. */
  argumentTypes: z.array(z.string()),
  returnType: z.string(),
  /** Functions of the project that it calls. */
  calls: z.array(z.string()),
  /** Hash of its text, and of those it calls. */
  definition: z.string(),
});
export type CompiledFunction = z.infer<typeof compiledFunction>;

/** In the order in which they are created. */
export const compiledFunctions = z.array(compiledFunction);
