import * as z from 'zod';
import { fillInput } from '../../lib/pipeline/fill.ts';

/** What the machine's state says once the export is there. */
export const exportedState = fillInput.extend({
  export: z.object({ exportArn: z.string(), keyNames: z.array(z.string()) }),
  described: z.object({ export: z.object({ ExportManifest: z.string() }) }),
});

/** The state of one group of files. */
export const convertState = fillInput.extend({
  export: z.object({ exportArn: z.string(), keyNames: z.array(z.string()) }),
  manifestKey: z.string(),
  group: z.object({ from: z.number().int(), to: z.number().int() }),
});
export type ConvertState = z.infer<typeof convertState>;

/** The state at the end, whatever became of the fill. */
export const endState = fillInput.extend({
  trouble: z.object({ Error: z.string(), Cause: z.unknown().optional() }).optional(),
});
