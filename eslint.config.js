import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', '**/data/', 'eslint.config.js'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // A callback of one call reads best as an arrow; what it gives back is not used.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // A rule that fights readable state tables and class-only namespaces of static makers.
      '@typescript-eslint/no-extraneous-class': 'off',
      'no-console': 'error',
    },
  },
  {
    files: ['packages/**'],
    ignores: ['**/*.test.ts', '**/*.testing.ts', 'packages/phone/src/browser/**', 'packages/cli/**'],
    rules: {
      // V8 keeps both in its old generation, and with them all that they reach, a call or a whole phone: it is collected with
      // that one only. docs/performance.md says what that costs.
      'no-restricted-syntax': [
        'error',
        {
          selector: "AssignmentExpression[left.type='MemberExpression'] > ArrowFunctionExpression.right",
          message: 'Give the function a name, as a const or a field, and assign that (docs/performance.md).',
        },
        {
          selector: 'ObjectExpression > Property[kind=/^[gs]et$/]',
          message:
            'Give it a class: each object with an accessor of its own has a hidden class of its own (docs/performance.md).',
        },
      ],
    },
  },
  { files: ['scripts/**', 'bench/**', 'packages/cli/**'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.test.ts', '**/*.testing.ts', 'tests/**'],
    rules: { '@typescript-eslint/require-await': 'off', '@typescript-eslint/unbound-method': 'off' },
  },
);
