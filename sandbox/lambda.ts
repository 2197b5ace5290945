/** The processes in which functions run: to end one, and to keep something in each. */
export {
  type Container,
  type Containers,
  createContainers,
  currentContainer,
  inEachContainer,
} from './lambda/container.ts';
