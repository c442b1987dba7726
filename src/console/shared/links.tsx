import { Anchor, type AnchorProps, Button, type ButtonProps, NavLink, type NavLinkProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import type { ComponentProps, Ref } from 'react'

type Linked<Props> = Props & { readonly ref?: Ref<HTMLAnchorElement> }

/** Mantine's components as links of the router. */
export const LinkText = createLink((props: Linked<AnchorProps>) => <Anchor {...props} />)
export const LinkButton = createLink((props: Linked<ButtonProps>) => <Button component="a" {...props} />)
export const LinkNav = createLink((props: Linked<NavLinkProps>) => <NavLink component="a" {...props} />)
/** One of several parts of a page; styled by what it stands in. */
export const LinkTab = createLink((props: ComponentProps<'a'>) => <a {...props} />)
