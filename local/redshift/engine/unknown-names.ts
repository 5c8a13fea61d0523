import { RedshiftError } from '../types.ts';

/** Names that stand for nothing. */
export const noDatabase = (name: string): RedshiftError =>
  new RedshiftError('3D000', `database "${name}" does not exist`);

export const noSchema = (name: string): RedshiftError => new RedshiftError('3F000', `schema "${name}" does not exist`);

export const noUser = (name: string): RedshiftError => new RedshiftError('42704', `user "${name}" does not exist`);
