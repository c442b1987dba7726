import { ActionIcon, Button, Group, Text, Tooltip } from '@mantine/core'
import { useTimeout } from '@mantine/hooks'
import { CheckIcon, CopyIcon } from '@primer/octicons-react'
import { useState } from 'react'
import { tellFailure } from './tell.ts'

const SAID_FOR_MS = 2000

/** A value in fixed width, with a button that copies it. @param label what the value is */
export function Copyable({ value, label, onCopy }: CopyAsProps) {
  const { copied, copy } = useCopy(value, onCopy)
  return (
    <Group gap="xs" wrap="nowrap">
      <Text span ff="monospace" size="sm" style={{ overflowWrap: 'anywhere' }}>
        {value}
      </Text>
      <Tooltip label={copied ? 'Copied' : `Copy ${label}`}>
        <ActionIcon variant="subtle" aria-label={`Copy ${label}`} onClick={() => void copy()}>
          {copied ? <CheckIcon /> : <CopyIcon />}
        </ActionIcon>
      </Tooltip>
    </Group>
  )
}

/** A button with words that copies. */
export function CopyAs({ value, label, onCopy }: CopyAsProps) {
  const { copied, copy } = useCopy(value, onCopy)
  return (
    <Button variant="default" leftSection={copied ? <CheckIcon /> : <CopyIcon />} onClick={() => void copy()}>
      {copied ? 'Copied' : label}
    </Button>
  )
}

/** @param onCopy called once the value is in the clipboard, and not when the browser refuses */
function useCopy(value: string, onCopy: (() => void) | undefined) {
  const [copied, setCopied] = useState(false)
  const { start } = useTimeout(() => setCopied(false), SAID_FOR_MS)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value)
    } catch {
      return tellFailure(new Error('The browser does not let this page copy. Select the text and copy it.'))
    }
    setCopied(true)
    start()
    onCopy?.()
  }
  return { copied, copy }
}

interface CopyAsProps {
  readonly value: string
  readonly label: string
  readonly onCopy?: () => void
}
