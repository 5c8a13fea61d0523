import { escapeXml } from '../gateway/render.ts';
import type { CloudContext, CloudModule } from '../resource.ts';
import { type Principal, type Service, ServiceError, type ServiceRequest, type ServiceResponse } from '../service.ts';

/** STS, as far as asking who one is: GetCallerIdentity needs no permission on AWS either. */
class StsService implements Service {
  readonly signingName = 'sts';
  readonly #context: CloudContext;

  constructor(context: CloudContext) {
    this.#context = context;
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    const action = new URLSearchParams(request.body.toString()).get('Action') ?? request.query.get('Action');
    if (action !== 'GetCallerIdentity') {
      throw new ServiceError('InvalidAction', `the local STS has GetCallerIdentity only, not ${action}`);
    }
    const { arn, userId } = this.#identity(request.principal);
    const fields = `<Arn>${escapeXml(arn)}</Arn><UserId>${escapeXml(userId)}</UserId><Account>${this.#context.accountId}</Account>`;
    const body = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${fields}</GetCallerIdentityResult></GetCallerIdentityResponse>`;
    return { status: 200, body };
  }

  #identity(principal: Principal): { arn: string; userId: string } {
    const { partition, accountId } = this.#context;
    if (principal.kind === 'role') {
      const name = principal.roleArn.split('/').at(-1) ?? '';
      return { arn: `arn:${partition}:sts::${accountId}:assumed-role/${name}/local`, userId: `AROALOCAL:${name}` };
    }
    return { arn: `arn:${partition}:iam::${accountId}:root`, userId: accountId };
  }
}

export const stsModule: CloudModule = {
  resourceTypes: [],
  openServices: async (context) => [new StsService(context)],
};
