import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { callService } from './service-error.ts';

/** Secrets by ARN, read anew each time so that a rotated one is used. Failures are ServiceErrors. */
export interface Secrets {
  read(secretArn: string): Promise<string>;
}

/** Secrets Manager. */
export function secretsManager(client: SecretsManagerClient): Secrets {
  return {
    async read(secretArn) {
      const command = new GetSecretValueCommand({ SecretId: secretArn });
      const result = await callService('secretsmanager:GetSecretValue', secretArn, () => client.send(command));
      if (result.SecretString === undefined)
        throw new MillraceError('BAD_SECRET', `${secretArn} is binary; text is needed`);
      return result.SecretString;
    },
  };
}
