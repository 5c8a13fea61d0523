import type { Services } from '../resource.ts';
import { type Service, ServiceError } from '../service.ts';

/** The services that are open, by signing name and by class. */
export class ServiceRegistry implements Services {
  readonly #services = new Map<string, Service>();

  register(service: Service): void {
    if (this.#services.has(service.signingName)) throw new Error(`two services are named ${service.signingName}`);
    this.#services.set(service.signingName, service);
  }

  get(signingName: string): Service {
    const service = this.#services.get(signingName);
    if (service) return service;
    const known = [...this.#services.keys()].sort().join(', ');
    throw new ServiceError(
      'UnknownService',
      `the local cloud has no service "${signingName}"; it has ${known || 'none'}`,
      501,
    );
  }

  of<S extends Service>(kind: abstract new (...parameters: never[]) => S): S {
    for (const service of this.#services.values()) if (service instanceof kind) return service;
    throw new Error(`no ${kind.name} is open in the local cloud: is its module in local/cloud/modules.ts?`);
  }

  async close(): Promise<void> {
    for (const service of [...this.#services.values()].reverse()) await service.close?.();
    this.#services.clear();
  }
}
