/** Who makes a call: a role of the template, an AWS service acting in its own name, or the owner of this laptop. */
export type Principal =
  | { readonly kind: 'role'; readonly roleArn: string }
  | { readonly kind: 'service'; readonly service: string; readonly sourceArn?: string }
  | { readonly kind: 'owner' };

/** One AWS API call as it came over HTTP. */
export interface ServiceRequest {
  readonly method: string;
  /** Decoded path, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly principal: Principal;
}

export interface ServiceResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

/** One AWS service of the local cloud, reached through the gateway by its signing name. */
export interface Service {
  /** The name in the signature's scope: `s3`, `dynamodb`, `states`, … */
  readonly signingName: string;
  handle(request: ServiceRequest): Promise<ServiceResponse>;
  close?(): Promise<void>;
}

/** Condition keys of a call: `aws:SecureTransport`, `s3:prefix`, … */
export type ConditionContext = Readonly<Record<string, string | readonly string[]>>;

/** Decides whether a principal may act, from the synthesized policies alone. */
export interface Authorizer {
  /** Throws AccessDeniedError, which names the action, the resource, the principal and the statement that is missing. */
  authorize(principal: Principal, action: string, resourceArn: string, context?: ConditionContext): void;
}

/** What a service answers when a call fails; the gateway renders it in the service's own protocol. */
export class ServiceError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = 'ServiceError';
    this.code = code;
    this.status = status;
  }
}
