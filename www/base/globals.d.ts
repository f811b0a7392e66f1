/** The name of the build, which Vite writes in its place. */
declare const __HEADSCOPE_BUILD__: string | undefined;
