using DeployOps.Tests.Support;

namespace DeployOps.Tests.Commands;

/// <summary>Something wrong that somebody gives, and what is said of it.</summary>
/// <param name="Name">What is wrong, in a few words.</param>
/// <param name="ErrorId">The error's id.</param>
/// <param name="Says">What the message names: what is wrong, and where.</param>
/// <param name="Next">What its last line says: what to do.</param>
/// <param name="Run">Does it.</param>
internal sealed record BadInput(string Name, string ErrorId, string[] Says, string Next, Func<BadInputBench, EngineResult> Run);
