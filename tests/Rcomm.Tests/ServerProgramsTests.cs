using Rcomm.HostQueues.Servers;

namespace Rcomm.Tests;

public sealed class ServerProgramsTests
{
    [Fact]
    public void The_documentation_has_the_programs_table_row_by_row()
    {
        string[] documented = [.. File.ReadLines(Path.Combine(Repository.Root, "docs/other-servers.md"))
            .SkipWhile(line => !line.StartsWith("|---", StringComparison.Ordinal)).Skip(1).TakeWhile(line => line.StartsWith('|'))];

        Assert.Equal(ServerPrograms.All.Select(Row), documented);
    }

    [Theory]
    [InlineData("nginx", "nginx: master process /usr/sbin/nginx", "nginx")]
    [InlineData("php-fpm8.2", "php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)", "PHP-FPM")]
    [InlineData("python3.11", "/usr/bin/python3 /usr/bin/gunicorn app:app", "gunicorn")]
    [InlineData("python3.11", "/usr/bin/python3 -m uvicorn app:app", "uvicorn")]
    [InlineData("python3.11", "python3 -m http.server", "Python http.server")]
    [InlineData("ruby3.1", "puma 5.6.5 (tcp://127.0.0.1:9292) [app]", "Puma")]
    [InlineData("java", "java -cp catalina.jar org.apache.catalina.startup.Bootstrap start", "Tomcat")]
    [InlineData("java", "java -jar app.jar", "Java ServerSocket")]
    [InlineData("beam.smp", "/usr/lib/erlang/erts/bin/beam.smp -- -root", "Erlang gen_tcp")]
    [InlineData("postgres", "postgres -D /var/lib/postgresql/15/main", "PostgreSQL")]
    [InlineData("node", "node server.js", "Node.js")]
    public void A_server_is_known_by_its_program_file_and_its_command_line(string executable, string commandLine, string expected) =>
        Assert.Equal(expected, ServerPrograms.Identify(new ServerProcess(executable, commandLine))?.Name);

    [Theory]
    [InlineData("perl", "perl app.pl")]
    [InlineData("nginxious", "nginxious")]
    [InlineData("", "")]
    public void A_program_that_nothing_is_known_of_is_none(string executable, string commandLine) =>
        Assert.Null(ServerPrograms.Identify(new ServerProcess(executable, commandLine)));

    [Fact]
    public void A_program_of_dotnet_or_Go_is_known_by_what_is_in_it()
    {
        Assert.Equal("ASP.NET Core Kestrel", ServerPrograms.Identify(new ServerProcess("shop", "./shop", IsDotNet: true))?.Name);
        Assert.Equal("Go net/http", ServerPrograms.Identify(new ServerProcess("shop", "./shop", IsGo: true))?.Name);
        Assert.True(ServerProcess.Read(Environment.ProcessId, "").IsDotNet);
    }

    [Fact]
    public void A_setting_is_written_for_the_backlog_that_is_wanted() =>
        Assert.Equal("listen 8080 backlog=4096;", ServerPrograms.All[0].SettingFor(4096, 8080));

    private static string Row(ServerProgram server) =>
        $"| {server.Name} | {server.Default} | {Setting(server)} | {server.Apply} | {server.Clamp} | {server.Version ?? "not checked"} |";

    private static string Setting(ServerProgram server) =>
        server.SettingFor("N", "PORT") is var setting && setting.StartsWith("none", StringComparison.Ordinal) ? setting : $"`{setting}`";
}
