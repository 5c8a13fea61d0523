import { type CloudModule, type Physical, resourceType } from '../resource.ts';
import { DynamoDbService } from './dynamodb-service.ts';
import { ensureTable, tableProperties } from './tables.ts';

const table = resourceType({
  type: 'AWS::DynamoDB::Table',
  properties: tableProperties,
  async create({ logicalId, properties }, context): Promise<Physical> {
    const name = properties.TableName ?? context.physicalName(logicalId, 255);
    const dynamodb = context.services.of(DynamoDbService);
    await ensureTable(dynamodb, name, properties);
    dynamodb.exports.setRecovery(
      name,
      properties.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled ?? false,
    );
    const { tableArn, streamArn } = dynamodb.namesOf(name);
    return { ref: name, attributes: { Arn: tableArn, ...(streamArn && { StreamArn: streamArn }) } };
  },
});

/** DynamoDB and its streams, by dynoxide. */
export const dynamodbModule: CloudModule = {
  resourceTypes: [table],
  async openServices(context) {
    const dynamodb = new DynamoDbService(context);
    await dynamodb.ready();
    return [dynamodb];
  },
};
