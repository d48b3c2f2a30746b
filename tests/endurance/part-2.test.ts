import { enduresAll } from './endurance.testing.ts';

enduresAll(2);
