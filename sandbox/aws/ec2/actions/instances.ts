import { awsError } from '../../aws-error.ts';
import { boolean, list, required, string } from '../../input-shapes.ts';
import type { RegionState } from '../../region-state.ts';
import type { Action } from '../../service-from-actions.ts';
import { instanceShape, stateShape } from '../responses/instances.ts';
import { type Instance, stateCodes } from '../state/instances.ts';
import { ec2Action } from './dry-run.ts';
import { filtersShape, matcherOf } from './filters.ts';
import { ec2Page, pagingMembers } from './pages.ts';

const instanceFilters = {
  'instance-id': ({ instanceId }: Instance) => [instanceId],
  'instance-state-name': ({ state }: Instance) => [state],
  'instance-state-code': ({ state }: Instance) => [String(stateCodes[state])],
  'image-id': ({ image }: Instance) => [image.id],
  'instance-type': ({ instanceType }: Instance) => [instanceType.name],
  'availability-zone': ({ availabilityZone }: Instance) => [availabilityZone],
  'private-dns-name': ({ privateDnsName }: Instance) => [privateDnsName],
  'private-ip-address': ({ privateIpAddress }: Instance) => [privateIpAddress],
  'reservation-id': ({ reservationId }: Instance) => [reservationId],
  architecture: ({ image }: Instance) => [image.architecture],
};

/** @throws InvalidInstanceID.Malformed, InvalidInstanceID.NotFound */
function getInstances({ instances }: RegionState, ids: readonly string[]): Instance[] {
  const malformed = ids.find((id) => !/^i-[0-9a-f]{8,17}$/.test(id));
  if (malformed !== undefined) throw awsError('InvalidInstanceID.Malformed', `Invalid id: "${malformed}"`);
  const missing = ids.filter((id) => instances.find(id) === undefined);
  if (missing.length === 1)
    throw awsError('InvalidInstanceID.NotFound', `The instance ID '${missing[0]}' does not exist`);
  if (missing.length > 1)
    throw awsError('InvalidInstanceID.NotFound', `The instance IDs '${missing.join(', ')}' do not exist`);
  return [...new Set(ids)].flatMap((id) => instances.find(id) ?? []);
}

const describeInstances = (state: RegionState) =>
  ec2Action(
    {
      InstanceIds: list(string, 'InstanceId'),
      Filters: filtersShape,
      IncludeManagedResources: boolean,
      ...pagingMembers,
    },
    ({ InstanceIds: ids = [], Filters, ...paging }) => {
      const matches = matcherOf<Instance>(Filters, instanceFilters, ({ tags }) => tags);
      const found = (ids.length > 0 ? getInstances(state, ids) : state.instances.all()).filter(matches);
      const page = ec2Page(found, ({ instanceId }) => instanceId, paging, {
        idsParameter: ids.length > 0 ? 'instancesSet' : undefined,
      });
      return {
        Reservations: page.items.map((instance) => ({
          ReservationId: instance.reservationId,
          OwnerId: state.scenario.accountId,
          Instances: [instanceShape(instance, state)],
        })),
        NextToken: page.nextToken,
      };
    },
  );

const terminateInstances = (state: RegionState) =>
  ec2Action(
    { InstanceIds: required(list(string, 'InstanceId')), Force: boolean, SkipOsShutdown: boolean },
    ({ InstanceIds }) => ({
      TerminatingInstances: getInstances(state, InstanceIds).map((instance) => {
        const before = stateShape(instance.state);
        state.instances.shutDown(instance, {
          code: 'Client.UserInitiatedShutdown',
          message: 'Client.UserInitiatedShutdown: User initiated shutdown',
        });
        return {
          InstanceId: instance.instanceId,
          CurrentState: stateShape(instance.state),
          PreviousState: before,
        };
      }),
    }),
  );

/** Instances. */
export const instanceActions = (state: RegionState): Readonly<Record<string, Action>> => ({
  DescribeInstances: describeInstances(state),
  TerminateInstances: terminateInstances(state),
});
