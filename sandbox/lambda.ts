/** The processes in which functions run: to end one, and to keep something in each. */
export { type Container, createContainers, inEachContainer } from './lambda/container.ts';
