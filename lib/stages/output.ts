import { CfnOutput } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';

/** An output of the stack under a name of its own, which is no path of constructs: the command line reads it. */
export function stackOutput(scope: Construct, name: string, value: string, description: string): void {
  new CfnOutput(scope, name, { value, description }).overrideLogicalId(name);
}
