"""What targets emit. Bundles run for real too; `make test` executes each mechanism once, `make soak` each combination.

| what runs | SageMaker | Azure ML | Vertex AI | Kubeflow |
|---|---|---|---|---|
| bounds, a cache, a champion to beat, a gate that stops, an exit handler | diabetes | diabetes | diabetes | diabetes |
| a step that fails and is tried again | emit | diabetes | test_small | test_objects_run |
| a search, its draws by the platform | wine | wine | test_small | wine (by steps), test_objects_run (Katib) |
| a grid, over a script | flagship | flagship | flagship | test_objects_run |
| a gate that fails the run, an approval by hand | flagship | flagship | flagship | as on Vertex AI: one `ir` |
| a registry of the platform's | diabetes | diabetes | diabetes | wine |
| a refit, a failed trial | emit | emit | test_small | test_objects_run |
| several machines, secrets | emit | emit | test_small | test_objects_run |

What Kubeflow's bundles put into a cluster is asked of a real API server, of the rights that it grants, and of Katib's
admission (`kubeflow/plane`), where `make judges` has built them.

`emit` is no execution: what is emitted for it is compared in the target's folder of that name.
On this machine the flagship is searched, killed, resumed, stopped by its gate and approved by a person, and diabetes
meets its champion (`tests/examples`); wine runs here too, as what the other targets' outcome is held against.
"""
