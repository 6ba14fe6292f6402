// Small pictures. The shape says what the colour says.

const Icon = ({ children, size = 16, ...rest }) => (
  <svg class="icon" viewBox="0 0 16 16" width={size} height={size} aria-hidden="true" focusable="false" {...rest}>
    {children}
  </svg>
);

const line = { fill: "none", stroke: "currentColor", "stroke-width": "2", "stroke-linecap": "round", "stroke-linejoin": "round" };

const SIGNALS = {
  BUY: <path d="M8 2.5 14.2 13H1.8z" fill="currentColor" />,
  SELL: <path d="M8 13.5 1.8 3h12.4z" fill="currentColor" />,
  HOLD: <circle cx="8" cy="8" r="5" fill="currentColor" />,
  LOW: <path d="M1.5 9.5c2 0 2-2.6 4.3-2.6S8 9.5 10.2 9.5s2.2-2.6 4.3-2.6" {...line} />,
  HIGH: <path d="M1.5 9.5 4.4 3l3.4 10 3.4-10 3.3 6.5" {...line} />,
};

/** The shape of a signal. */
export const SignalIcon = ({ name, size }) => <Icon size={size}>{SIGNALS[name] ?? SIGNALS.HOLD}</Icon>;

const STATES = {
  verified: <path d="m3 8.6 3.3 3.4L13 4.6" {...line} />,
  failed: <path d="m4 4 8 8m0-8-8 8" {...line} />,
  unknown: <path d="M5.4 5.8c.2-1.6 1.3-2.4 2.7-2.4 1.5 0 2.6.9 2.6 2.3 0 1.9-2.6 1.9-2.6 4M8.1 12.8v.1" {...line} />,
  pending: <path d="M8 2.5a5.5 5.5 0 1 1-5.5 5.5" {...line} class="turning" />,
};

/** The mark of a step's or a round's state. */
export const StateIcon = ({ state, size }) => <Icon size={size}>{STATES[state]}</Icon>;

export const Gear = () => (
  <Icon size={18}>
    <path d="M2 4.5h6.5M12.5 4.5H14M2 11.5h1.5M7.5 11.5H14" {...line} stroke-width="1.7" />
    <circle cx="10.5" cy="4.5" r="1.8" {...line} stroke-width="1.7" />
    <circle cx="5.5" cy="11.5" r="1.8" {...line} stroke-width="1.7" />
  </Icon>
);

export const Chevron = () => (
  <Icon size={14} class="icon chevron">
    <path d="m4 6 4 4 4-4" {...line} />
  </Icon>
);

export const Copy = () => (
  <Icon size={13}>
    <path d="M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z" {...line} stroke-width="1.5" />
  </Icon>
);

export const Warning = () => (
  <Icon size={18}>
    <path d="M8 1.8 15 14H1z M8 6.5v3.5M8 12v.1" {...line} stroke-width="1.7" />
  </Icon>
);

/** The project's mark. */
export const Mark = () => (
  <svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="8" />
    <path d="M8 10.5 16 22l8-11.5" />
    <circle cx="16" cy="9.5" r="2.2" />
  </svg>
);
