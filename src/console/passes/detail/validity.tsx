import { Text } from '@mantine/core'
import type { PassAttributes } from '../../api/passes.ts'
import { Warning } from '../../shared/confirm.tsx'
import { When } from '../../shared/when.tsx'

/** Says that a pass is about to end, or has, or has not begun; nothing where it is in the middle of its time. */
export function ValidityWarning({ attributes }: { readonly attributes: PassAttributes }) {
  const { status, validFrom, validUntil } = attributes
  if (status === 'expired')
    return (
      <Warning severe>
        This pass expired on <When at={validUntil} />. It is granted no tokens; give it a later end in its
        settings.
      </Warning>
    )
  if (status === 'expiring')
    return (
      <Warning>
        This pass expires on <When at={validUntil} />, within 30 days. Give it a later end in its settings if
        its agent goes on.
      </Warning>
    )
  if (status === 'scheduled')
    return (
      <Warning>
        This pass is not valid before <When at={validFrom} />.
      </Warning>
    )
  return null
}

/** From when to when. */
export function ValidityPeriod({
  attributes: { validFrom, validUntil },
}: {
  readonly attributes: PassAttributes
}) {
  return (
    <Text span size="sm">
      <When at={validFrom} as="date" /> to <When at={validUntil} as="date" none="no end" />
    </Text>
  )
}
