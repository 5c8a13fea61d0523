import { MillraceError } from './error.ts';

/** A database's name that needs no quotes anywhere, and is no longer than an owner or a client takes. */
const pattern = /^[a-z][a-z0-9_]{0,62}$/;

/** Databases that a warehouse has of itself: DROP DATABASE refuses them, so no environment may be one. */
const reserved = new Set(['dev', 'padb_harvest', 'template0', 'template1', 'awsdatacatalog', 'sample_data_dev']);

/**
 * The name of an environment, as it was typed.
 * @throws {MillraceError} BAD_ENVIRONMENT_NAME, with a name that would do where there is one.
 */
export function environmentName(name: string, production: string): string {
  if (name === production) throw refused(`${name} is production's own database: an environment stands beside it`);
  if (reserved.has(name)) throw refused(`the warehouse has a database ${name} of its own, which cannot be dropped`);
  if (pattern.test(name)) return name;
  const suggestion = suggested(name);
  const known = suggestion !== '' && suggestion !== production && !reserved.has(suggestion);
  const meant = known ? `; ${suggestion} would do` : '';
  throw refused(
    `${JSON.stringify(name)}: an environment is a database, whose name is a lower-case letter and then at most 62 letters, digits and _${meant}`,
  );
}

/** `feature/Sign-ups` → `feature_sign_ups`: people paste the names of their branches. */
function suggested(name: string): string {
  const plain = name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return plain
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+/, '')
    .slice(0, 63)
    .replace(/_+$/, '');
}

const refused = (message: string) => new MillraceError('BAD_ENVIRONMENT_NAME', message);
