import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { MillraceError } from '../../../lib/pipeline/error.ts';
import { type CloudContext, type CloudModule, descriptive, type ResourceType, resourceType } from '../resource.ts';
import { RoleObjects } from './objects.ts';
import type { OpenWarehouse, Warehouse } from './port.ts';
import { RedshiftDataService } from './service.ts';

const namespaceProperties = z.strictObject({
  AdminUserPassword: z.string(),
  AdminUsername: z.string(),
  DbName: z.string().default('dev'),
  DefaultIamRoleArn: z.string().optional(),
  FinalSnapshotName: descriptive,
  FinalSnapshotRetentionPeriod: descriptive,
  IamRoles: z.array(z.string()).default([]),
  KmsKeyId: descriptive,
  LogExports: descriptive,
  NamespaceName: z.string(),
  Tags: descriptive,
});

const workgroupProperties = z.strictObject({
  BaseCapacity: descriptive,
  ConfigParameters: descriptive,
  EnhancedVpcRouting: z.literal(false).optional(),
  MaxCapacity: descriptive,
  NamespaceName: z.string(),
  Port: descriptive,
  PricePerformanceTarget: descriptive,
  PubliclyAccessible: z.literal(false).optional(),
  SecurityGroupIds: descriptive,
  SubnetIds: descriptive,
  Tags: descriptive,
  WorkgroupName: z.string(),
});

/** Redshift Serverless: a namespace opens a warehouse, a workgroup lets callers name it. */
export function warehouseModule(warehouse: Warehouse | undefined): CloudModule {
  const open = new Map<string, OpenWarehouse>();
  return {
    resourceTypes: [namespaceType(warehouse, open), workgroupType(open)],
    openServices: async (context) => [new RedshiftDataService(context)],
  };
}

/** A stable identifier in the form AWS gives: a UUID. */
function stableId(context: CloudContext, name: string): string {
  const digest = createHash('sha256').update(`${context.stackName}/${name}`).digest('hex');
  return [8, 12, 16, 20, 32].map((end, index, ends) => digest.slice(ends[index - 1] ?? 0, end)).join('-');
}

function namespaceType(warehouse: Warehouse | undefined, open: Map<string, OpenWarehouse>): ResourceType {
  return resourceType({
    type: 'AWS::RedshiftServerless::Namespace',
    properties: namespaceProperties,
    async create({ logicalId, properties }, context) {
      if (!warehouse) {
        throw new MillraceError(
          'NO_WAREHOUSE',
          `${logicalId} is a Redshift namespace, and the local cloud was started without a warehouse`,
        );
      }
      const roles = [...new Set([...properties.IamRoles, ...[properties.DefaultIamRoleArn ?? []].flat()])];
      for (const role of roles)
        context.identities.assertTrusts(role, 'redshift-serverless.amazonaws.com', { logicalId });
      const directory = join(context.stateDirectory('redshift'), properties.NamespaceName);
      mkdirSync(directory, { recursive: true });
      const opened = await warehouse.open({
        name: properties.NamespaceName,
        database: properties.DbName,
        admin: { user: properties.AdminUsername, password: properties.AdminUserPassword },
        defaultRoleArn: properties.DefaultIamRoleArn,
        directory,
        objects: new RoleObjects(context, () => roles),
      });
      open.set(properties.NamespaceName, opened);
      const id = stableId(context, properties.NamespaceName);
      return {
        ref: properties.NamespaceName,
        attributes: {
          'Namespace.NamespaceArn': context.arn('redshift-serverless', `namespace/${id}`),
          'Namespace.NamespaceId': id,
          'Namespace.NamespaceName': properties.NamespaceName,
          'Namespace.AdminUsername': properties.AdminUsername,
          'Namespace.DbName': properties.DbName,
        },
        stop: () => opened.close(),
      };
    },
  });
}

function workgroupType(open: ReadonlyMap<string, OpenWarehouse>): ResourceType {
  return resourceType({
    type: 'AWS::RedshiftServerless::Workgroup',
    properties: workgroupProperties,
    async create({ logicalId, properties }, context) {
      const warehouse = open.get(properties.NamespaceName);
      if (!warehouse)
        throw new MillraceError('NO_NAMESPACE', `${logicalId}: there is no namespace ${properties.NamespaceName}`);
      const name = properties.WorkgroupName;
      const id = stableId(context, `workgroup/${name}`);
      const arn = context.arn('redshift-serverless', `workgroup/${id}`);
      context.services.of(RedshiftDataService).addWorkgroup({ name, arn, warehouse });
      return {
        ref: name,
        attributes: {
          'Workgroup.WorkgroupArn': arn,
          'Workgroup.WorkgroupId': id,
          'Workgroup.WorkgroupName': name,
          'Workgroup.Endpoint.Address': '127.0.0.1',
          'Workgroup.Endpoint.Port': '5439',
        },
      };
    },
  });
}
