using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

// --smoke runs each once to check that it works; its times mean nothing.
bool smoke = args.Contains("--smoke");
// In this process: a benchmark's sockets then belong to one process, as a server's do.
IConfig config = DefaultConfig.Instance
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddJob((smoke ? Job.Dry : Job.Default).WithToolchain(InProcessEmitToolchain.Instance));
IEnumerable<BenchmarkDotNet.Reports.Summary> summaries = BenchmarkSwitcher.FromAssembly(typeof(Rcomm.Benchmarks.Answering).Assembly)
    .Run([.. args.Where(arg => arg != "--smoke")], config);
return summaries.Any() && summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success)) ? 0 : 1;
