import { styleText } from 'node:util';

/** Bold on a terminal; plain where the output goes into a file, or where NO_COLOR asks for it. */
export const bold = (text: string): string => styleText('bold', text, { stream: process.stdout });
