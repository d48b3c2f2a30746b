/**
 * Has Node strip and compile the modules of a phone into its compile cache, once, when the house is installed. A phone that has
 * to do that itself starts a second later, and holds a third more memory for as long as it runs.
 */
await import('@switchhook/exchange');
await import('../packages/cli/src/commands/phone.ts');
for (const face of ['json', 'plain', 'terminal']) await import(`../packages/cli/src/phone/${face}-phone.ts`);
