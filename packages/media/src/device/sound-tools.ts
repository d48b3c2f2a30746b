/** Who brings sound to a machine; each has programs of its own. */
export type SoundSystem = 'pipewire' | 'pulseaudio' | 'alsa' | 'sox' | 'ffmpeg';

/** What a program is asked for: raw mono samples of 16 bits, little end first. */
export interface SoundRequest {
  readonly sampleRate: number;
  /** As the system itself calls it; the default device where it is not given. */
  readonly device: string | undefined;
}

/** A program that records to its output, or plays from its input. */
export interface SoundTool {
  readonly system: SoundSystem;
  readonly program: string;
  arguments(request: SoundRequest): readonly string[];
  /** What it wants to find in its environment. */
  environment?(request: SoundRequest): Readonly<Record<string, string>>;
}

/** What to install on Debian and its kin; the first that a newcomer should try comes first. */
export const soundPackages = ['pipewire-bin', 'pulseaudio-utils', 'alsa-utils', 'sox', 'ffmpeg'] as const;

const given = (option: string, value: string | undefined): readonly string[] =>
  value === undefined ? [] : [option, value];

/** Milliseconds that a program may take to record, and how many it may keep to play: the machine may be busy meanwhile. */
const recordingLatency = 20;
const playingLatency = 80;

/** `--raw` is younger than raw sound through a pipe: where it is not known, that is what a pipe gets without it. */
const pipeWire =
  (raw: readonly string[], latency: number) =>
  ({ sampleRate, device }: SoundRequest): readonly string[] => [
    ...[...raw, '--format', 's16', '--channels', '1', '--rate', String(sampleRate), '--latency', `${latency}ms`],
    ...given('--target', device),
    '-',
  ];

const pulseAudio =
  (latency: number) =>
  ({ sampleRate, device }: SoundRequest): readonly string[] => [
    ...['--raw', '--format=s16le', '--channels=1', `--rate=${sampleRate}`, `--latency-msec=${latency}`],
    ...['--client-name=Switchhook', ...given('--device', device)],
  ];

const alsa = ({ sampleRate, device }: SoundRequest): readonly string[] => [
  ...['-q', '-t', 'raw', '-f', 'S16_LE', '-c', '1', '-r', String(sampleRate)],
  ...['--period-time=20000', `--buffer-time=${playingLatency * 1000}`, ...given('-D', device)],
];

const sox = ({ sampleRate }: SoundRequest): readonly string[] => [
  ...['-q', '--buffer', String(sampleRate / 25), '-t', 'raw', '-e', 'signed-integer', '-b', '16', '-L'],
  ...['-c', '1', '-r', String(sampleRate), '-'],
];

const soxEnvironment = ({ device }: SoundRequest): Readonly<Record<string, string>> =>
  device === undefined ? {} : { AUDIODEV: device };

const quietly = ['-hide_banner', '-loglevel', 'error', '-nostdin'] as const;
const rawMono = (sampleRate: number): readonly string[] => ['-f', 's16le', '-ar', String(sampleRate), '-ac', '1'];

/** ffmpeg speaks to several systems, each by a format of its own; what it cannot open, it says, and the next is tried. */
const ffmpegRecorder = (format: string, defaultDevice: string): SoundTool => ({
  system: 'ffmpeg',
  program: 'ffmpeg',
  arguments: ({ sampleRate, device }) => [
    ...[...quietly, '-fflags', 'nobuffer', '-f', format, '-i', device ?? defaultDevice],
    ...[...rawMono(sampleRate), '-flush_packets', '1', 'pipe:1'],
  ],
});

const ffmpegPlayer = (format: string): SoundTool => ({
  system: 'ffmpeg',
  program: 'ffmpeg',
  arguments: ({ sampleRate, device }) => [
    ...[...quietly, '-fflags', 'nobuffer', ...rawMono(sampleRate), '-i', 'pipe:0'],
    ...['-f', format, device ?? 'default'],
  ],
});

/** In the order in which they are tried. */
export const recorders: readonly SoundTool[] = [
  { system: 'pipewire', program: 'pw-record', arguments: pipeWire(['--raw'], recordingLatency) },
  { system: 'pipewire', program: 'pw-record', arguments: pipeWire([], recordingLatency) },
  { system: 'pulseaudio', program: 'parec', arguments: pulseAudio(recordingLatency) },
  { system: 'alsa', program: 'arecord', arguments: alsa },
  { system: 'sox', program: 'rec', arguments: sox, environment: soxEnvironment },
  ffmpegRecorder('pulse', 'default'),
  ffmpegRecorder('alsa', 'default'),
  ffmpegRecorder('avfoundation', ':default'),
];

export const players: readonly SoundTool[] = [
  { system: 'pipewire', program: 'pw-play', arguments: pipeWire(['--raw'], playingLatency) },
  { system: 'pipewire', program: 'pw-play', arguments: pipeWire([], playingLatency) },
  { system: 'pulseaudio', program: 'pacat', arguments: pulseAudio(playingLatency) },
  { system: 'alsa', program: 'aplay', arguments: alsa },
  { system: 'sox', program: 'play', arguments: sox, environment: soxEnvironment },
  ffmpegPlayer('pulse'),
  ffmpegPlayer('alsa'),
  {
    system: 'ffmpeg',
    program: 'ffplay',
    arguments: ({ sampleRate }) => [
      ...['-hide_banner', '-loglevel', 'error', '-nodisp', '-autoexit', '-fflags', 'nobuffer'],
      ...['-f', 's16le', '-sample_rate', String(sampleRate), '-i', 'pipe:0'],
    ],
  },
];
