import { epochSeconds } from './descriptions.ts';
import { validationError } from './errors.ts';
import { encodeToken } from './fields.ts';
import type { KeptSession } from './kept-sessions.ts';
import { readRequest, requests, type SessionListing } from './requests.ts';
import { isOwn, offsetOf, requireOneTarget } from './retrieval.ts';

/** ListSessions: those of the caller's role, the open ones where no status is asked for. */
export function listSessions(
  sessions: readonly KeptSession[],
  body: unknown,
  principal: string,
): Record<string, unknown> {
  const request = readRequest(requests.listSessions, body);
  requireOneTarget(request);
  requireSessionAlone(request);
  const from = offsetOf(request.NextToken);
  const matching = sessions.filter(
    (session) => isOwn(session.principal, principal, request.RoleLevel) && matches(session, request),
  );
  const to = from + (request.MaxResults || 100);
  return {
    Sessions: matching.slice(from, to).map(entryOf),
    NextToken: to < matching.length ? encodeToken(to) : undefined,
  };
}

function requireSessionAlone(request: SessionListing): void {
  const others = (['Status', 'ClusterIdentifier', 'WorkgroupName', 'Database'] as const).filter(
    (name) => request[name] !== undefined,
  );
  if (request.SessionId === undefined || others.length === 0) return;
  throw validationError(`${others.join(', ')} cannot be given together with SessionId`);
}

function matches(session: KeptSession, request: SessionListing): boolean {
  if (request.SessionId !== undefined) return session.id === request.SessionId;
  return (
    (request.Status === undefined ? session.status !== 'CLOSED' : session.status === request.Status) &&
    session.database === (request.Database ?? session.database) &&
    session.workgroupName === (request.WorkgroupName ?? session.workgroupName) &&
    session.clusterIdentifier === (request.ClusterIdentifier ?? session.clusterIdentifier)
  );
}

function entryOf(session: KeptSession): Record<string, unknown> {
  return {
    SessionId: session.id,
    Status: session.status,
    CreatedAt: epochSeconds(session.createdAtMilliseconds),
    UpdatedAt: epochSeconds(session.updatedAtMilliseconds),
    Database: session.database,
    DbUser: session.user,
    WorkgroupName: session.workgroupName,
    ClusterIdentifier: session.clusterIdentifier,
    SessionAliveSeconds: session.keepAliveSeconds,
    SessionTtl: epochSeconds(session.expiresAtMilliseconds),
    CurrentStatementId: session.statementId,
  };
}
