/**
 * What the local cloud needs of a warehouse. The cloud knows roles, secrets and grants; the warehouse knows SQL. Redshift
 * in a box is adapted to this by whoever starts the cloud, and stands alone otherwise.
 */
export interface Warehouse {
  /** Opens the warehouse of a namespace; called once for each AWS::RedshiftServerless::Namespace, also after a restart. */
  open(namespace: WarehouseNamespace): Promise<OpenWarehouse>;
}

export interface WarehouseNamespace {
  readonly name: string;
  readonly database: string;
  readonly admin: { readonly user: string; readonly password: string };
  /** What `IAM_ROLE default` means. */
  readonly defaultRoleArn?: string;
  /** Folder for the database files; it exists. */
  readonly directory: string;
  /** Where COPY reads and UNLOAD writes, as the role that the statement names; the role's grants are checked. */
  readonly objects: WarehouseObjects;
}

export interface WarehouseObjects {
  get(uri: string, roleArn: string): Promise<Buffer>;
  put(uri: string, body: Buffer, roleArn: string): Promise<void>;
  list(prefixUri: string, roleArn: string): Promise<{ uri: string; sizeBytes: number }[]>;
}

/** Who calls the Data API, after the cloud has checked that they may. */
export interface DataApiIdentity {
  /** Database user: the one of the secret, or the role mapped as Redshift does (`IAMR:<role>`). */
  readonly user: string;
  /** Scope of ClientToken and of what ListStatements shows. */
  readonly caller: string;
}

export interface OpenWarehouse {
  /** One Data API operation (`ExecuteStatement`, …) with its parsed body; throws ServiceError-like `{code, message}`. */
  handleDataApi(
    operation: string,
    body: Readonly<Record<string, unknown>>,
    identity: DataApiIdentity,
  ): Promise<unknown>;
  /** True while statements are queued or running. */
  readonly busy?: () => boolean;
  close(): Promise<void>;
}
