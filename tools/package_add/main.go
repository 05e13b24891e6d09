// Command package_add stands in front of a language host that can't do what `pulumi package add` and `pulumi package
// gen-sdk` ask for, GeneratePackage and Link, does that by Pulumi's own generators, and hands everything else on. A
// program in YAML needs no SDK: its host lacks Link alone, and has nothing to do there (pulumi-yaml #929).
//
// It is called by the CLI through a script with the language's name: package_add LANGUAGE HOST [the CLI's arguments].
// What it does itself is what sdk/{nodejs,python}/cmd and sdk/go/pulumi-language-go of Pulumi's repository do in v3.250.0: a Python project is one
// with a requirements.txt, as the project's own host knows pip only.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/pkg/v3/codegen/cgstrings"
	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/nodejs/npm"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"golang.org/x/mod/modfile"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
)

// language is what differs between languages.
type language struct {
	// generate gives the files of an SDK by their paths. Without it, the host generates what there is.
	generate func(*schema.Package, *pulumirpc.GeneratePackageRequest, schema.ReferenceLoader) (map[string][]byte, error)
	// link adds an SDK in a folder to a project, and says how a program imports it. Without it, there is nothing to do.
	link func(ctx context.Context, info *pulumirpc.ProgramInfo, pkg *schema.Package, path string) (string, error)
}

var languages = map[string]language{
	"go":     {generateGo, linkGo},
	"nodejs": {generateNodejs, linkNodejs},
	"python": {generatePython, linkPython},
	"yaml":   {},
}

func generateGo(
	pkg *schema.Package, request *pulumirpc.GeneratePackageRequest, _ schema.ReferenceLoader,
) (map[string][]byte, error) {
	return gogen.GeneratePackage("pulumi-language-go", pkg, request.LocalDependencies)
}

func generateNodejs(
	pkg *schema.Package, request *pulumirpc.GeneratePackageRequest, loader schema.ReferenceLoader,
) (map[string][]byte, error) {
	return nodejs.GeneratePackage(
		"pulumi-language-nodejs", pkg, request.ExtraFiles, request.LocalDependencies, request.Local, loader)
}

func generatePython(
	pkg *schema.Package, request *pulumirpc.GeneratePackageRequest, loader schema.ReferenceLoader,
) (map[string][]byte, error) {
	return python.GeneratePackage("pulumi-language-python", pkg, request.ExtraFiles, loader)
}

func linkGo(_ context.Context, info *pulumirpc.ProgramInfo, pkg *schema.Package, folder string) (string, error) {
	if err := pkg.ImportLanguages(map[string]schema.Language{"go": gogen.Importer}); err != nil {
		return "", err
	}
	module := ""
	if about, ok := pkg.Language["go"].(gogen.GoPackageInfo); ok {
		module = about.ModulePath
		if module == "" && about.ImportBasePath != "" {
			module = path.Dir(about.ImportBasePath)
		}
	}
	if module == "" {
		module = gogen.ExtractModulePath(pkg.Reference())
	}
	file := filepath.Join(info.ProgramDirectory, "go.mod")
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	project, err := modfile.Parse(file, text, nil)
	if err != nil {
		return "", err
	}
	// Go takes a path for a module's name unless it begins like this.
	if err := project.AddReplace(module, "", "./"+strings.TrimPrefix(folder, "./"), ""); err != nil {
		return "", err
	}
	if text, err = project.Format(); err != nil {
		return "", err
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return "", err
	}
	return fmt.Sprintf("import \"%s\"", gogen.ExtractImportBasePath(pkg.Reference())), nil
}

func linkNodejs(ctx context.Context, info *pulumirpc.ProgramInfo, pkg *schema.Package, path string) (string, error) {
	if err := pkg.ImportLanguages(map[string]schema.Language{"nodejs": nodejs.Importer}); err != nil {
		return "", err
	}
	named, _ := info.Options.AsMap()["packagemanager"].(string)
	manager, err := npm.ResolvePackageManager(npm.PackageManagerType(named), info.ProgramDirectory)
	if err != nil {
		return "", err
	}
	namespace := pkg.Namespace
	if namespace == "" {
		namespace = "pulumi"
	}
	name := fmt.Sprintf("@%s/%s", namespace, pkg.Name)
	if about, ok := pkg.Language["nodejs"].(nodejs.NodePackageInfo); ok && about.PackageName != "" {
		name = about.PackageName
	}
	if err := manager.Link(ctx, info.ProgramDirectory, name, path); err != nil {
		return "", err
	}
	return fmt.Sprintf("import * as %s from \"%s\";", cgstrings.Camel(pkg.Name), name), nil
}

func linkPython(_ context.Context, info *pulumirpc.ProgramInfo, pkg *schema.Package, path string) (string, error) {
	if err := pkg.ImportLanguages(map[string]schema.Language{"python": python.Importer}); err != nil {
		return "", err
	}
	name, local := python.PyPack(pkg.Namespace, pkg.Name), strings.ReplaceAll(pkg.Name, "-", "_")
	if about, ok := pkg.Language["python"].(python.PackageInfo); ok && about.PackageName != "" {
		name, local = about.PackageName, about.PackageName
	}
	file := filepath.Join(info.ProgramDirectory, "requirements.txt")
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(file, []byte(required(string(text), name, path)), 0o600); err != nil {
		return "", err
	}
	return fmt.Sprintf("import %s as %s", name, local), nil
}

var distribution = regexp.MustCompile(`^[a-zA-Z0-9_-]+`)

// required is a requirements.txt with a package from a folder, and without what it asked for under that name before.
func required(text, name, path string) string {
	var lines []string
	for _, line := range strings.Split(strings.TrimRight(text, "\r\n"), "\n") {
		found := strings.ReplaceAll(distribution.FindString(strings.TrimSpace(line)), "-", "_")
		if found != name && strings.TrimSpace(line) != path && line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(append(lines, path), "\n") + "\n"
}

// front answers the CLI.
type front struct {
	language
	host *grpc.ClientConn
}

// answer is the handler of all methods: this server knows none by itself.
func (f front) answer(_ any, stream grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(stream)
	switch {
	case method == pulumirpc.LanguageRuntime_GeneratePackage_FullMethodName && f.generate != nil:
		return reply(stream, new(pulumirpc.GeneratePackageRequest), f.generatePackage)
	case method == pulumirpc.LanguageRuntime_Link_FullMethodName:
		return reply(stream, new(pulumirpc.LinkRequest), f.linkPackages)
	}
	return f.handOn(method, stream)
}

func reply[Request proto.Message, Response proto.Message](
	stream grpc.ServerStream, request Request, answer func(context.Context, Request) (Response, error),
) error {
	if err := stream.RecvMsg(request); err != nil {
		return err
	}
	response, err := answer(stream.Context(), request)
	if err != nil {
		return err
	}
	return stream.SendMsg(response)
}

// handOn passes one request to the host, and its answers back. An Empty keeps the fields that it doesn't know, so that
// it holds any message.
func (f front) handOn(method string, stream grpc.ServerStream) error {
	request := new(emptypb.Empty)
	if err := stream.RecvMsg(request); err != nil {
		return err
	}
	call, err := f.host.NewStream(stream.Context(), &grpc.StreamDesc{ServerStreams: true}, method)
	if err != nil {
		return err
	}
	if err := call.SendMsg(request); err != nil && !errors.Is(err, io.EOF) { // EOF: the error comes with the answer
		return err
	}
	if err := call.CloseSend(); err != nil {
		return err
	}
	for {
		response := new(emptypb.Empty)
		if err := call.RecvMsg(response); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := stream.SendMsg(response); err != nil {
			return err
		}
	}
}

func (f front) generatePackage(
	_ context.Context, request *pulumirpc.GeneratePackageRequest,
) (*pulumirpc.GeneratePackageResponse, error) {
	client, err := schema.NewLoaderClient(request.LoaderTarget)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	loader := schema.NewCachedLoader(client)
	var spec schema.PackageSpec
	if err := json.Unmarshal([]byte(request.Schema), &spec); err != nil {
		return nil, err
	}
	pkg, found, err := schema.BindSpec(spec, loader, schema.ValidationOptions{AllowDanglingReferences: true})
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.GeneratePackageResponse{Diagnostics: plugin.HclDiagnosticsToRPCDiagnostics(found)}
	if found.HasErrors() {
		return response, nil
	}
	files, err := f.generate(pkg, request, loader)
	if err != nil {
		return nil, err
	}
	for name, text := range files {
		path := filepath.Join(request.Directory, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return nil, err
		}
	}
	return response, nil
}

func (f front) linkPackages(ctx context.Context, request *pulumirpc.LinkRequest) (*pulumirpc.LinkResponse, error) {
	if f.link == nil {
		return &pulumirpc.LinkResponse{}, nil
	}
	client, err := schema.NewLoaderClient(request.LoaderTarget)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	loader := schema.NewCachedLoader(client)
	imports := "A program imports it like this:\n\n"
	for _, dependency := range request.Packages {
		reference, err := schema.LoadPackageReferenceV2(ctx, loader, descriptor(dependency.Package))
		if err != nil {
			return nil, err
		}
		pkg, err := reference.Definition()
		if err != nil {
			return nil, err
		}
		line, err := f.link(ctx, request.Info, pkg, dependency.Path)
		if err != nil {
			return nil, err
		}
		imports += "  " + line + "\n"
	}
	return &pulumirpc.LinkResponse{ImportInstructions: imports}, nil
}

func descriptor(found *pulumirpc.PackageDependency) *schema.PackageDescriptor {
	about := &schema.PackageDescriptor{Name: found.Name, DownloadURL: found.Server}
	if version, err := semver.Parse(found.Version); err == nil {
		about.Version = &version
	}
	if made := found.Parameterization; made != nil {
		about.Parameterization = &schema.ParameterizationDescriptor{Name: made.Name, Value: made.Value}
		if version, err := semver.Parse(made.Version); err == nil {
			about.Parameterization.Version = version
		}
	}
	return about
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "package_add: %v\n", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) < 2 {
		return errors.New("found no language and host; call it as: package_add LANGUAGE HOST [ARGUMENT...]")
	}
	chosen, ok := languages[arguments[0]]
	if !ok {
		return fmt.Errorf("found the language %s; there are go, nodejs, python and yaml", arguments[0])
	}
	host := exec.Command(arguments[1], arguments[2:]...)
	host.Stderr = os.Stderr
	output, err := host.StdoutPipe()
	if err != nil {
		return err
	}
	// The CLI and a terminal interrupt the whole group: what there is to do is the host's, and this ends with it.
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	if err := host.Start(); err != nil {
		return err
	}
	lines := bufio.NewReader(output)
	port, err := lines.ReadString('\n')
	if err != nil {
		return fmt.Errorf("%s said no port: %w", arguments[1], err)
	}
	connection, err := grpc.NewClient("127.0.0.1:"+strings.TrimSpace(port),
		grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
	if err != nil {
		return err
	}
	handler := grpc.UnknownServiceHandler(front{chosen, connection}.answer)
	served, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Init:    func(*grpc.Server) error { return nil },
		Options: []grpc.ServerOption{handler},
	})
	if err != nil {
		return err
	}
	fmt.Println(served.Port)
	// What the host and its programs write, until it ends.
	if _, err := io.Copy(os.Stdout, lines); err != nil {
		return err
	}
	err = host.Wait()
	if len(interrupts) > 0 {
		return nil
	}
	return err
}
