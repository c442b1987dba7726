import { Button, Code, Group, Modal, Stack, Text } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { Warning } from './confirm.tsx'
import { CopyAs } from './copy.tsx'

/** A secret that no later answer has: nothing but its buttons closes it, lest it is lost by a click beside it. */
export function ShownOnce({ value, title, label, warning, children, onClose }: ShownOnceProps) {
  return (
    <Modal
      opened={value !== undefined}
      onClose={onClose}
      title={title}
      size="lg"
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      {value !== undefined && (
        <Value value={value} label={label} warning={warning} onClose={onClose}>
          {children}
        </Value>
      )}
    </Modal>
  )
}

function Value({ value, label, warning, children, onClose }: ValueProps) {
  const [copied, setCopied] = useState(false)
  return (
    <Stack>
      <Warning>{warning}</Warning>
      <Code block aria-label={label} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {value}
      </Code>
      {children && (
        <Text size="sm" component="div">
          {children}
        </Text>
      )}
      <Group justify="flex-end">
        <CopyAs value={value} label={`Copy the ${label}`} onCopy={() => setCopied(true)} />
        <Button onClick={onClose} variant={copied ? 'filled' : 'default'}>
          {copied ? 'Done' : 'I have kept it'}
        </Button>
      </Group>
    </Stack>
  )
}

interface ValueProps {
  readonly value: string
  /** What the value is, within a sentence. */
  readonly label: string
  readonly warning: string
  /** What to do with it. */
  readonly children?: ReactNode
  readonly onClose: () => void
}

interface ShownOnceProps extends Omit<ValueProps, 'value'> {
  /** Undefined: nothing is shown. */
  readonly value: string | undefined
  readonly title: string
}
