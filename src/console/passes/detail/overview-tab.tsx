import { Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import {
  Figure,
  FigureGrid,
  formatMs,
  formatNumber,
  latencyColor,
  OutcomeFigures,
} from '../../activity/figures.tsx'
import { RANGES } from '../../activity/ranges.ts'
import { RefreshBar } from '../../activity/refresh-bar.tsx'
import { useAutoRefresh } from '../../activity/use-auto-refresh.ts'
import { activityKey, metricsQuery } from '../../api/activity.ts'
import { type PassAttributes, passesKey } from '../../api/passes.ts'
import { useOrganization } from '../../layout/where.ts'
import { Copyable } from '../../shared/copy.tsx'
import { Facts } from '../../shared/facts.tsx'
import { Failure } from '../../shared/failure.tsx'
import { Section } from '../../shared/section.tsx'
import { When } from '../../shared/when.tsx'
import { ACCESS_LEVEL_LABELS, CREDENTIAL_TYPE_LABELS, STATUS_LABELS, USAGE_TYPE_LABELS } from '../labels.ts'
import { Badges } from './badges.tsx'
import { Creator, MadeByIt } from './creator.tsx'
import { RotationButton } from './rotation.tsx'
import { ToggleButton } from './switch.tsx'
import { usePass } from './use-pass.ts'
import { ValidityWarning } from './validity.tsx'

/** What the pass is, and how its agent has done in the last 30 days. */
export function OverviewTab() {
  const { place, pass } = usePass()
  const { may } = useOrganization()
  const { attributes } = pass
  const subject = useMemo(() => ({ agentUserId: attributes.agentUserId }), [attributes.agentUserId])
  const refresh = useAutoRefresh(useMemo(() => [activityKey(subject), passesKey(place)], [subject, place]))
  const metrics = useQuery(metricsQuery(subject, RANGES['30d']))
  const figures = metrics.data?.summary
  return (
    <Stack>
      <ValidityWarning attributes={attributes} />
      <RefreshBar refresh={refresh} />
      {metrics.isError && <Failure error={metrics.error} onRetry={refresh.refreshNow} />}
      <FigureGrid cols={4}>
        <OutcomeFigures figures={figures} />
        <Figure label="Average latency" color={figures && latencyColor(figures)}>
          {figures && (figures.total_requests > 0 ? formatMs(figures.avg_latency_ms) : '–')}
        </Figure>
        <Figure label="Last used" note={`Uses since it was made: ${formatNumber(attributes.usageCount)}`}>
          <Text span size="md" fw={650}>
            <When at={attributes.lastUsedAt} />
          </Text>
        </Figure>
      </FigureGrid>
      <Text size="xs" c="dimmed">
        Requests, success rate and latency are those of the last 30 days.
      </Text>
      <Section
        title="Pass details"
        actions={
          <Group gap="sm">
            {may('passes.rotate') && attributes.jwks === null && <RotationButton />}
            {may(attributes.active ? 'passes.revoke' : 'passes.activate') && <ToggleButton />}
          </Group>
        }
      >
        <Details attributes={attributes} />
      </Section>
    </Stack>
  )
}

function Details({ attributes }: { readonly attributes: PassAttributes }) {
  return (
    <Facts
      of={{
        'Pass ID': attributes.passId,
        'Client ID': <Copyable value={attributes.clientId} label="client ID" />,
        'Agent user ID': <Copyable value={attributes.agentUserId} label="agent user ID" />,
        Status: STATUS_LABELS[attributes.status],
        Created: <When at={attributes.createdAt} />,
        'Created by': <Creator />,
        ...(attributes.scopes.includes('passes:write') ? { 'Passes made by it': <MadeByIt /> } : {}),
        Expires: <When at={attributes.validUntil} />,
        'Agent type': attributes.agentType,
        Organization: attributes.organization,
        'Usage type': USAGE_TYPE_LABELS[attributes.usageType],
        'Access level': ACCESS_LEVEL_LABELS[attributes.accessLevel],
        'Credential type': CREDENTIAL_TYPE_LABELS[attributes.credentialType],
        Capabilities: <Badges of={attributes.capabilities} />,
        Tokens: `${attributes.tokenFormat === 'jwt' ? 'JWT' : 'Opaque'}, ${formatNumber(attributes.tokenTtl)} seconds`,
        'Last rotated': <When at={attributes.lastRotatedAt} />,
        Tags: <Badges of={attributes.tags} />,
        For: `${attributes.entityType} ${attributes.entityId}`,
        'Allowed addresses': attributes.allowedIps.join(', ') || 'any',
        'Allowed referers': attributes.allowedReferers.join(', ') || 'any',
        Resources: attributes.resources.join(', ') || 'none',
        Description: attributes.description || 'none',
        'Integration notes': attributes.integrationNotes || 'none',
      }}
    />
  )
}
