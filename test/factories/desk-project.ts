import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type DeskProject, readProject } from '../../local/desk/project.ts';
import { loadConfig } from '../../local/load-config.ts';

const header = (owner: string, more = '') => `-- owner: ${owner}\n-- description: For a test\n${more}`;

/** A model's text: a header with what is needed, and the query. */
export const modelText = (query: string, more = ''): string => `${header('tournament-team', more)}${query}\n`;

/** A folder with the demo's configuration and the files that are named; `remove` takes it away. */
export class ProjectFolder {
  readonly directory = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-desk-'));

  constructor(files: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    const file = path.join(this.directory, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }

  read = (name: string): string => fs.readFileSync(path.join(this.directory, name), 'utf8');

  remove(): void {
    fs.rmSync(this.directory, { recursive: true, force: true });
  }

  async project(): Promise<DeskProject> {
    const config = await loadConfig(path.join(import.meta.dirname, '../..'));
    return readProject(config, this.directory);
  }
}
