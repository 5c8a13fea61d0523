import type { Surroundings } from '../../lib/pipeline/next.ts';
import { datasets } from './pipeline.ts';

/** What decisions are made from, where a story is about something else; its models and the time are the story's. */
export const plainSurroundings: Omit<Surroundings, 'nowMilliseconds'> = {
  datasets,
  models: [],
  functions: [],
  readers: {},
  lakeBucket: 'lake',
  copyRoleArn: 'arn:aws:iam::000000000000:role/copy',
};
